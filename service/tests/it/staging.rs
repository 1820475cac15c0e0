//! What the service is shipped with: `Dockerfile`, `compose.yaml`, `render.yaml`. No engine runs here, so that nobody learns from a
//! deploy that they name a variable that nobody reads, a command that is none, or a configuration that the service refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use clap::Parser as _;
use orchestrate::cli::Cli;
use orchestrate::config::keys::KEYS;
use orchestrate::http::api::PREFIX;
use orchestrate::http::document;
use orchestrate::http::limits::Limits;
use serde_json::Value;

/// What is written into `.env`, as docs/deployment.md says.
const DOT_ENV: [(&str, &str); 2] = [
    (
        "ORCHESTRATE_AUTH_SECRET",
        "2pJ7Yk0s5cVw8Q1nZx4Lr6Tb9Hd3Gf+EaMuKiOoPq1R2s3T4u5V6w7X8y9Z0aBcD",
    ),
    (
        "POSTGRES_PASSWORD",
        "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap()
}

/// Variables by name.
type Variables = BTreeMap<String, String>;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// Puts variables into a text, as Compose does: `${X}`, `${X:-usual}`, `${X:?why it is needed}`.
fn interpolated(text: &str, given: &Variables) -> Result<String, String> {
    let Some((before, rest)) = text.split_once("${") else {
        return Ok(text.to_owned());
    };
    let (inside, after) = rest.split_once('}').unwrap();
    let (name, otherwise) = inside.split_once(':').unwrap_or((inside, "-"));
    let value = match given.get(name).filter(|value| !value.is_empty()) {
        Some(value) => value.clone(),
        None => match otherwise.split_at(1) {
            ("-", usual) => usual.to_owned(),
            (_, why) => return Err(format!("{name}: {why}")),
        },
    };
    Ok(format!("{before}{value}{}", interpolated(after, given)?))
}

/// What a service of `compose.yaml` is started with, over what its image says.
fn composed(service: &str, given: &Variables) -> Result<Variables, String> {
    let compose = yaml("compose.yaml");
    let environment = compose["services"][service]["environment"].as_object().unwrap();
    let own = environment.iter().map(|(name, value)| {
        let value = interpolated(value.as_str().unwrap(), given)?;
        Ok((name.clone(), value))
    });
    let own: Result<Variables, String> = own.collect();
    Ok(image().into_iter().chain(own?).collect())
}

/// The instructions of the Dockerfile, each on one line.
fn instructions() -> Vec<(String, String)> {
    let text = read("Dockerfile").replace("\\\n", " ");
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let split = |line: &str| {
        let (name, rest) = line.split_once(' ').unwrap();
        (name.to_owned(), rest.trim().to_owned())
    };
    lines.map(split).collect()
}

/// What the image sets.
fn image() -> Variables {
    let set = instructions().into_iter().filter(|(name, _)| name == "ENV");
    let words = set.flat_map(|(_, rest)| rest.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let pair = |word: String| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    words.map(pair).collect()
}

/// What a service of `render.yaml` is started with: what Render makes itself looks like what it makes.
fn rendered(service: &Value) -> Variables {
    let own = service["envVars"].as_array().unwrap().iter().map(|variable| {
        let name = variable["key"].as_str().unwrap().to_owned();
        let value = match (variable["value"].as_str(), variable["generateValue"].as_bool()) {
            (Some(value), _) => value.to_owned(),
            // 256 bits as base64.
            (_, Some(true)) => "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=".to_owned(),
            _ if variable["fromDatabase"]["property"] == "connectionString" => {
                "postgresql://orchestrate:ZyXw9876@dpg-abc123-a/orchestrate_x1y2".to_owned()
            }
            _ => "sk-of-somebody".to_owned(),
        };
        (name, value)
    });
    let platform = [("PORT".to_owned(), "10000".to_owned())];
    image().into_iter().chain(platform).chain(own).collect()
}

fn services_of_render() -> Vec<Value> {
    yaml("render.yaml")["services"].as_array().unwrap().clone()
}

fn orchestrate(arguments: &[&str], variables: &Variables) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrate"));
    command
        .args(arguments)
        .env_clear()
        .envs(variables)
        .output()
        .unwrap()
}

/// What `config check` shows, by setting: value and place.
fn checked(variables: &Variables) -> BTreeMap<String, Vec<String>> {
    let output = orchestrate(&["config", "check"], variables);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.is_empty(), "it warns: {said}");
    let shown = String::from_utf8(output.stdout).unwrap();
    let words = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap(), words.collect())
    };
    shown.lines().map(words).collect()
}

#[test]
fn every_variable_is_one_that_the_service_reads() {
    let known: BTreeSet<&str> = KEYS.iter().flat_map(|key| key.variables).copied().collect();
    let compose = ["orchestrate", "verify"].map(|service| composed(service, &variables(&DOT_ENV)).unwrap());
    let render = services_of_render();
    let all = compose.into_iter().chain(render.iter().map(rendered));
    let mut looked = 0;
    for name in all.flatten().map(|(name, _)| name) {
        assert!(known.contains(&*name), "{name}");
        looked += 1;
    }
    assert!(looked > 20, "only {looked}");
}

#[test]
fn what_compose_starts_is_taken_by_the_service_and_only_with_its_secrets() {
    let shown = checked(&composed("orchestrate", &variables(&DOT_ENV)).unwrap());
    assert_eq!(shown["environment"][0], "development");
    assert_eq!(shown["listen.host"], ["0.0.0.0", "ORCHESTRATE_HOST"]);
    assert_eq!(
        shown["database.url"],
        ["postgres://database:5432/orchestrate", "DATABASE_URL"]
    );
    let compose = yaml("compose.yaml");
    let published = compose["services"]["orchestrate"]["ports"][0].as_str().unwrap();
    let inside = published.rsplit(':').next().unwrap();
    assert_eq!(
        shown["listen.port"][0], inside,
        "the published port is where it listens"
    );
    for (missing, _) in DOT_ENV {
        let rest: Vec<_> = DOT_ENV.into_iter().filter(|(name, _)| *name != missing).collect();
        let refused = composed("orchestrate", &variables(&rest)).unwrap_err();
        assert!(refused.starts_with(missing), "{refused}");
    }
    // As production it wants a provider's key, and with one nothing else.
    let production = [&DOT_ENV[..], &[("ORCHESTRATE_ENV", "production")]].concat();
    let without = composed("orchestrate", &variables(&production)).unwrap();
    let refused = orchestrate(&["config", "check"], &without);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .starts_with("error: no AI provider")
    );
    let with = [&production[..], &[("OPENAI_API_KEY", "sk-of-somebody")]].concat();
    let shown = checked(&composed("orchestrate", &variables(&with)).unwrap());
    assert_eq!(shown["environment"], ["production", "ORCHESTRATE_ENV"]);
}

#[test]
fn what_render_starts_is_taken_by_the_service_as_production() {
    for service in services_of_render() {
        let shown = checked(&rendered(&service));
        assert_eq!(shown["environment"], ["production", "ORCHESTRATE_ENV"]);
        assert_eq!(shown["listen.host"], ["0.0.0.0", "ORCHESTRATE_HOST"]);
        assert_eq!(shown["listen.port"], ["10000", "PORT"]);
        assert_eq!(shown["database.url"][1], "DATABASE_URL");
        assert_eq!(shown["log"][0], "json");
        assert_eq!(shown["cors.origins"][0], "https://concierge.example");
        assert!(shown["database.url"][0].starts_with("postgres://dpg-"));
    }
}

#[test]
fn staging_and_production_of_render_are_alike_and_share_nothing() {
    let [staging, production] = <[Value; 2]>::try_from(services_of_render()).unwrap();
    let databases = yaml("render.yaml")["databases"].clone();
    for service in [&staging, &production] {
        // Of Render's plans the smallest that has what docs/deployment.md asks for.
        assert_eq!(service["plan"], "standard");
        // Unquoted, it is false in YAML 1.1.
        assert_eq!(service["autoDeployTrigger"], Value::from("off"));
        let name = service["name"].as_str().unwrap();
        let of_database = service["envVars"]
            .as_array()
            .unwrap()
            .iter()
            .find_map(|variable| variable["fromDatabase"]["name"].as_str());
        assert_eq!(of_database, Some(name), "its own database");
        let there = databases
            .as_array()
            .unwrap()
            .iter()
            .any(|database| database["name"] == *name);
        assert!(there, "{name} among the databases");
        for variable in service["envVars"].as_array().unwrap() {
            let key = variable["key"].as_str().unwrap();
            let secret = ["SECRET", "KEY", "DATABASE_URL"]
                .iter()
                .any(|word| key.contains(word));
            assert!(!secret || variable["value"].is_null(), "{key} stands in the file");
        }
        let path = service["healthCheckPath"].as_str().unwrap();
        assert_eq!(path, format!("{PREFIX}/livez"));
    }
    let keys = |service: &Value| rendered(service).into_keys().collect::<Vec<_>>();
    assert_eq!(keys(&staging), keys(&production));
}

/// The words of a command in exec form, or of a plain one.
fn words(command: &Value) -> Vec<String> {
    match command {
        Value::String(line) => line.split_whitespace().map(str::to_owned).collect(),
        list => serde_json::from_value(list.clone()).unwrap(),
    }
}

#[test]
fn every_command_is_one_and_is_run_without_a_shell_between() {
    let compose = yaml("compose.yaml");
    let mut commands = vec![words(&compose["services"]["orchestrate"]["healthcheck"]["test"])];
    commands.extend(
        services_of_render()
            .iter()
            .map(|service| words(&service["preDeployCommand"])),
    );
    for (name, rest) in instructions() {
        // A shell would be told to stop in its place, and tell nobody.
        let list = match &*name {
            "CMD" | "ENTRYPOINT" => &rest,
            "HEALTHCHECK" => rest.split_once("CMD ").unwrap().1,
            _ => continue,
        };
        let list = serde_json::from_str(list).unwrap_or_else(|error| panic!("{name} {rest}: {error}"));
        commands.push(words(&list));
    }
    let own = commands.into_iter().filter_map(|mut words| {
        words.retain(|word| word != "CMD");
        (words[0] == "orchestrate").then_some(words)
    });
    let mut seen = 0;
    for words in own {
        let read = Cli::try_parse_from(&words);
        assert!(read.is_ok(), "{words:?}: {}", read.unwrap_err());
        seen += 1;
    }
    assert_eq!(seen, 5);
    assert!(Cli::try_parse_from(["orchestrate", "probe", "liveness"]).is_err());
}

#[test]
fn every_route_that_is_asked_is_in_the_contract() {
    let document: Value = serde_json::from_str(&document::json()).unwrap();
    let routes = document["paths"].as_object().unwrap();
    for service in services_of_render() {
        let path = service["healthCheckPath"].as_str().unwrap();
        let route = path.strip_prefix(PREFIX);
        assert!(route.is_some_and(|route| routes.contains_key(route)), "{path}");
    }
}

#[test]
fn whoever_stops_it_waits_longer_than_it_takes() {
    let limits = Limits::default();
    // What it takes at most: lingering, accepted work, the last spans.
    let takes = limits.linger + limits.shutdown_grace + Duration::from_secs(5);
    let compose = yaml("compose.yaml");
    let grace = compose["services"]["orchestrate"]["stop_grace_period"]
        .as_str()
        .unwrap();
    let grace = grace.strip_suffix('s').unwrap().parse().unwrap();
    assert!(Duration::from_secs(grace) > takes, "{grace}");
    for service in services_of_render() {
        let grace = service["maxShutdownDelaySeconds"].as_u64().unwrap();
        assert!(Duration::from_secs(grace) > takes && grace <= 300, "{grace}");
    }
}

#[test]
fn the_image_runs_as_nobody_and_is_built_from_what_is_sent_to_the_build() {
    let all = instructions();
    let of = |wanted: &str| {
        all.iter()
            .filter(|(name, _)| name == wanted)
            .map(|(_, rest)| &**rest)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("USER"), ["65532:65532"]);
    assert_eq!(
        of("EXPOSE"),
        [orchestrate::config::read::DEFAULT_PORT.to_string()]
    );
    assert_eq!(of("STOPSIGNAL"), ["SIGTERM"]);
    assert!(
        of("FROM").last().unwrap().ends_with("AS service"),
        "the image that is built unasked"
    );
    for build in of("RUN")
        .iter()
        .filter(|run| run.contains("cargo build") || run.contains("chef cook"))
    {
        let lean = build.contains("--no-default-features") && build.contains("--locked");
        assert!(lean && !build.contains("faults"), "{build}");
    }
    // The commit is an argument that build.rs reads.
    let build = read("service/build.rs");
    assert!(
        build.contains("ORCHESTRATE_COMMIT")
            && of("ARG").iter().any(|arg| arg.starts_with("ORCHESTRATE_COMMIT="))
    );

    let sent = read(".dockerignore");
    let sent: BTreeSet<&str> = sent.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members = members.iter().map(|member| member.as_str().unwrap());
    let mut needed: BTreeSet<String> = members.map(str::to_owned).collect();
    needed.extend(["Cargo.toml", "Cargo.lock"].map(str::to_owned));
    needed.extend(included());
    let missing: Vec<&String> = needed
        .iter()
        .filter(|path| !sent.contains(path.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(
        sent.len(),
        needed.len(),
        "more is sent than the build reads: {sent:?}"
    );
}

/// The folders beside the crates from which they compile files in.
fn included() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root().join("service/src"), root().join("harness/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let compiled_in = ["include_str!", "include_bytes!"];
            let each = compiled_in.iter().flat_map(|name| text.split(name).skip(1));
            for rest in each {
                let named = rest.split('"').nth(1).unwrap_or_default();
                let whole = path.parent().unwrap().join(named);
                let whole = std::fs::canonicalize(whole).unwrap_or_default();
                let root = std::fs::canonicalize(root()).unwrap();
                let first = whole
                    .strip_prefix(root)
                    .ok()
                    .and_then(|below| below.iter().next().map(ToOwned::to_owned));
                found.extend(first.and_then(|first| first.into_string().ok()));
            }
        }
    }
    found
}
