//! The GitHub actions' scripts, run as a runner would: their inputs become flags, their outputs are told, and their exit is
//! Greenlight's. What only a runner reads, `action.yml`, is held against the scripts.
#![cfg(feature = "lab")]
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
use serde_json::Value;
use tokio::process::Command;

fn action(script: &str) -> PathBuf {
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/actions/verify");
    action.join(script)
}

struct Ran {
    code: i32,
    out: String,
    outputs: BTreeMap<String, String>,
    directory: tempfile::TempDir,
}

/// Runs a script of the action with these variables.
async fn run(script: &str, variables: &[(&str, &str)]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let told = directory.path().join("outputs");
    let done = Command::new("bash")
        .arg(action(script))
        .current_dir(directory.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GREENLIGHT", env!("CARGO_BIN_EXE_greenlight"))
        .env("GITHUB_OUTPUT", &told)
        .env("RUNNER_TEMP", directory.path())
        .env("GITHUB_SERVER_URL", "https://127.0.0.1:9")
        .env("ACTION_REPOSITORY", "acme/greenlight")
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap();
    let text = std::fs::read_to_string(&told).unwrap_or_default();
    let outputs = text.lines().filter_map(|line| line.split_once('='));
    Ran {
        code: done.status.code().unwrap_or(-1),
        out: [done.stdout, done.stderr]
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .concat(),
        outputs: outputs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        directory,
    }
}

/// The JSON report, where the outputs say that it is.
fn report(ran: &Ran) -> Value {
    let text = std::fs::read_to_string(ran.directory.path().join(&ran.outputs["report"]));
    serde_json::from_str(&text.unwrap()).unwrap()
}

async fn service(faults: &[FaultId]) -> (Running, String) {
    let mut settings = Settings::development();
    settings.faults = faults.iter().copied().collect::<Faults>();
    let token = mint(&settings.auth, &TokenRequest::access("action")).unwrap();
    (Running::start(settings).await.unwrap(), token)
}

fn inputs<'a>(url: &'a str, token: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("IN_URL", url),
        ("IN_PROFILE", "concierge"),
        ("IN_ENVIRONMENT", "local"),
        ("IN_TOKEN_ENV", "API_TOKEN"),
        ("API_TOKEN", token),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_service_is_a_green_step_with_outputs_and_reports() {
    let (running, token) = service(&[]).await;
    let url = running.base_url();
    let ran = run("run", &inputs(&url, &token)).await;
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(
        (ran.outputs["verdict"].as_str(), ran.outputs["exit-code"].as_str()),
        ("pass", "0")
    );
    assert_eq!(ran.outputs["cause"], "");
    assert!(!ran.outputs["version"].is_empty());
    assert_eq!(
        ran.outputs["headline"],
        report(&ran)["headline"].as_str().unwrap()
    );
    for (output, file) in [("report", "report.json"), ("recording", "recording.json")] {
        assert_eq!(ran.outputs[output], format!("greenlight-reports/{file}"));
    }
    for file in ["report.json", "recording.json", "junit.xml", "report.html"] {
        let written = ran.directory.path().join("greenlight-reports").join(file);
        assert!(written.metadata().unwrap().len() > 100, "{file}");
        let text = std::fs::read_to_string(written).unwrap();
        assert!(!text.contains(&token), "{file}");
    }
    assert!(!ran.out.contains("::error"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_service_is_a_red_step_with_its_cause_as_an_annotation() {
    let (running, token) = service(&[FaultId::MissingAwait]).await;
    let url = running.base_url();
    let ran = run("run", &inputs(&url, &token)).await;
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(ran.outputs["verdict"], "fail");
    assert_eq!(ran.outputs["cause"], "masked-server-error");
    let headline = "A server error (HTTP 500) is what browsers here report as a CORS error";
    assert_eq!(ran.outputs["headline"], headline);
    let annotation = ran.out.lines().find(|line| line.starts_with("::error"));
    assert!(
        annotation.is_some_and(|line| line.contains(headline)),
        "{}",
        ran.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_green_recording_is_kept_and_compared_with_and_a_red_run_leaves_it() {
    let kept = tempfile::tempdir().unwrap();
    let baseline = kept.path().join("baseline/recording.json");
    let place = baseline.to_str().unwrap();
    let verified = async |faults: &[FaultId]| {
        let (running, token) = service(faults).await;
        let url = running.base_url();
        let mut inputs = inputs(&url, &token);
        inputs.push(("IN_BASELINE", place));
        run("run", &inputs).await
    };
    let first = verified(&[]).await;
    assert_eq!(first.code, 0, "no baseline yet is no failure: {}", first.out);
    let green = std::fs::read(&baseline).unwrap();
    let broken = verified(&[FaultId::MissingAwait]).await;
    assert_eq!(broken.code, 1, "{}", broken.out);
    let before = &report(&broken)["baseline"]["compared"]["before"];
    assert_eq!(before["verdict"], "pass", "{before}");
    assert_eq!(
        std::fs::read(&baseline).unwrap(),
        green,
        "a red run is no baseline"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_found_out_fails_a_gate_and_warns_on_a_schedule() {
    let (running, _) = service(&[]).await;
    let url = running.base_url();
    // A secret that this run may not have is a variable that is set and blank.
    let gate = run("run", &inputs(&url, "")).await;
    assert_eq!(
        (gate.code, gate.outputs["verdict"].as_str()),
        (3, "inconclusive"),
        "{}",
        gate.out
    );
    let mut scheduled = inputs(&url, "");
    scheduled.push(("IN_ON_INCONCLUSIVE", "warn"));
    let warned = run("run", &scheduled).await;
    assert_eq!(
        (warned.code, warned.outputs["exit-code"].as_str()),
        (0, "3"),
        "{}",
        warned.out
    );
    assert!(
        warned
            .out
            .contains("::warning title=greenlight could not find out::"),
        "{}",
        warned.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_pays_nothing_and_warns_of_what_it_may_not_prove() {
    let (running, token) = service(&[]).await;
    let url = running.base_url();
    let mut scheduled = inputs(&url, &token);
    scheduled.extend([
        ("IN_BUDGET", "paid=0"),
        ("IN_SUITE", "smoke"),
        ("IN_ON_INCONCLUSIVE", "warn"),
    ]);
    let ran = run("run", &scheduled).await;
    assert_eq!(
        (ran.code, ran.outputs["exit-code"].as_str()),
        (0, "3"),
        "{}",
        ran.out
    );
    assert_eq!(report(&ran)["sent"]["paid"], 0);
    assert!(
        ran.out
            .contains("::warning title=greenlight could not find out::"),
        "{}",
        ran.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_tells_its_cause_and_keeps_what_it_saw() {
    let (running, token) = service(&[FaultId::MissingAwait]).await;
    let url = running.base_url();
    let asked = [
        ("IN_COMMAND", "diagnose"),
        ("IN_URL", url.as_str()),
        ("IN_ORIGIN", "http://localhost:3000"),
        ("IN_SYMPTOM", "cors"),
        ("IN_REQUEST", "POST /ai/orchestrate"),
        ("IN_TOKEN_ENV", "API_TOKEN"),
        ("IN_ALLOW", "paid"),
        ("IN_ON_INCONCLUSIVE", "warn"),
        ("API_TOKEN", token.as_str()),
    ];
    let ran = run("run", &asked).await;
    assert_eq!(
        (ran.code, ran.outputs["cause"].as_str()),
        (1, "masked-server-error"),
        "{}",
        ran.out
    );
    assert_eq!(report(&ran)["sent"]["paid"], 1);
    for file in ["bundle.tar.gz", "incident.md"] {
        let written = ran.directory.path().join("greenlight-reports").join(file);
        assert!(written.metadata().unwrap().len() > 100, "{file}");
    }
    // Nothing to reproduce from outside, and no token: a warning.
    let blank = asked.map(|(name, value)| {
        if name == "API_TOKEN" {
            (name, "")
        } else {
            (name, value)
        }
    });
    let ran = run("run", &blank).await;
    assert_eq!(
        (ran.code, ran.outputs["exit-code"].as_str()),
        (0, "3"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn inputs_that_make_no_sense_fail_the_step_and_send_nothing() {
    let odd = run("run", &[("IN_ON_INCONCLUSIVE", "ignore")]).await;
    assert_eq!(odd.code, 2);
    assert!(
        odd.out.contains("on-inconclusive is fail or warn, not ignore"),
        "{}",
        odd.out
    );
    let typed = run(
        "run",
        &[("IN_URL", "http://127.0.0.1:9"), ("IN_ARGS", "--no-such-flag")],
    )
    .await;
    assert_eq!(
        (typed.code, typed.outputs["exit-code"].as_str()),
        (2, "2"),
        "{}",
        typed.out
    );
    assert_eq!(typed.outputs["verdict"], "");
}

#[tokio::test]
async fn a_binary_of_ones_own_is_taken_and_nothing_runs_whose_digest_is_unknown() {
    let own = run("install", &[("BINARY", env!("CARGO_BIN_EXE_greenlight"))]).await;
    assert_eq!(
        (own.code, own.outputs["binary"].as_str()),
        (0, env!("CARGO_BIN_EXE_greenlight")),
        "{}",
        own.out
    );
    let unknown = run("install", &[("BINARY", "")]).await;
    assert_eq!(unknown.code, 2, "{}", unknown.out);
    assert!(unknown.out.contains("knows no digest"), "{}", unknown.out);
    assert!(unknown.outputs.is_empty());
}

/// The pinned archive of this machine's platform, as the script names it.
fn archive() -> String {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", arch) => format!("{arch}-apple-darwin"),
        (_, arch) => format!("{arch}-unknown-linux-musl"),
    };
    format!("greenlight-9.9.9-{platform}.tar.gz")
}

/// The action with version 9.9.9 and this digest, and a PATH on which `curl` brings a release whose program says so.
fn pinned(directory: &Path, digest: Option<&str>) -> (PathBuf, String) {
    let (copy, programs) = (directory.join("action"), directory.join("programs"));
    std::fs::create_dir_all(&copy).unwrap();
    std::fs::create_dir_all(&programs).unwrap();
    std::fs::copy(action("install"), copy.join("install")).unwrap();
    std::fs::write(copy.join("version"), "9.9.9\n").unwrap();
    let release = directory.join("release.tar.gz");
    let bash = |script: &str| {
        let done = std::process::Command::new("bash")
            .args(["-euc", script])
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    bash(
        "printf '#!/bin/sh\necho released\n' >greenlight; chmod +x greenlight; tar -czf release.tar.gz greenlight; rm greenlight",
    );
    let real = bash("shasum -a 256 release.tar.gz | cut -d ' ' -f 1");
    let digest = digest.unwrap_or(real.trim());
    std::fs::write(copy.join("digests"), format!("{digest}  {}\n", archive())).unwrap();
    let curl = programs.join("curl");
    let brings = format!(
        "#!/bin/sh\nwhile [ \"$1\" != --output ]; do shift; done\ncp '{}' \"$2\"\necho \"$3\" >'{}'\n",
        release.display(),
        directory.join("asked").display()
    );
    std::fs::write(&curl, brings).unwrap();
    bash("chmod +x programs/curl");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    (copy.join("install"), path)
}

#[tokio::test]
async fn a_release_is_fetched_and_runs_only_when_it_is_the_pinned_one() {
    let place = tempfile::tempdir().unwrap();
    let tools = place.path().join("tools");
    let tools = tools.to_str().unwrap();
    let (install, path) = pinned(place.path(), Some(&"0".repeat(64)));
    let variables = [
        ("PATH", path.as_str()),
        ("RUNNER_TOOL_CACHE", tools),
        ("BINARY", ""),
    ];
    let refused = run(install.to_str().unwrap(), &variables).await;
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(
        refused.out.contains("does not have the digest"),
        "{}",
        refused.out
    );
    assert!(
        refused.outputs.is_empty() && !Path::new(tools).exists(),
        "nothing was unpacked"
    );

    let (install, path) = pinned(place.path(), None);
    let variables = [
        ("PATH", path.as_str()),
        ("RUNNER_TOOL_CACHE", tools),
        ("BINARY", ""),
    ];
    let taken = run(install.to_str().unwrap(), &variables).await;
    assert_eq!(taken.code, 0, "{}", taken.out);
    let asked = std::fs::read_to_string(place.path().join("asked")).unwrap();
    let from = format!(
        "https://127.0.0.1:9/acme/greenlight/releases/download/v9.9.9/{}",
        archive()
    );
    assert_eq!(asked.trim(), from);
    let said = Command::new(&taken.outputs["binary"]).output().await.unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap(), "released\n");
}

/// `action.yml` of one of the actions.
fn definition(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../.github/actions")
        .join(name)
        .join("action.yml");
    serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn object(value: &Value) -> &serde_json::Map<String, Value> {
    value.as_object().unwrap()
}

#[test]
fn what_the_runner_reads_is_what_the_scripts_do() {
    let script = std::fs::read_to_string(action("run")).unwrap();
    let read = regex::Regex::new(r"\bIN_[A-Z_]+").unwrap();
    let read: std::collections::BTreeSet<&str> =
        read.find_iter(&script).map(|found| found.as_str()).collect();
    let mut set = std::collections::BTreeSet::new();
    for name in ["verify", "diagnose"] {
        let definition = definition(name);
        for (output, told) in object(&definition["outputs"]) {
            assert_eq!(told["value"], format!("${{{{ steps.{name}.outputs.{output} }}}}"));
            assert!(
                script.contains(&format!("printf '{output}=%s")),
                "{output} is never told"
            );
        }
        let steps = definition["runs"]["steps"].as_array().unwrap();
        let text = definition["runs"].to_string();
        for input in object(&definition["inputs"]).keys() {
            assert!(
                text.contains(&format!("inputs.{input} ")),
                "{name}: nothing reads the input {input}"
            );
        }
        for step in steps.iter().filter(|step| step["run"].is_string()) {
            let program = step["run"].as_str().unwrap().trim_matches('"');
            let program = program.replace("$GITHUB_ACTION_PATH", &format!("../.github/actions/{name}"));
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(program);
            assert!(file.is_file(), "{name}: {} is not there", file.display());
            set.extend(
                object(&step["env"])
                    .keys()
                    .filter(|key| key.starts_with("IN_"))
                    .cloned(),
            );
        }
    }
    let set: std::collections::BTreeSet<&str> = set.iter().map(String::as_str).collect();
    assert_eq!(set, read, "what the actions set, and what the script reads");
}

#[test]
fn a_baseline_is_of_one_environment_and_address() {
    let definition = definition("verify");
    let steps = definition["runs"]["steps"].as_array().unwrap();
    let step = |part: &str| {
        let of = |step: &&Value| step["uses"].as_str().is_some_and(|uses| uses.starts_with(part));
        &steps.iter().find(of).unwrap()["with"]
    };
    let (restore, save) = (step("actions/cache/restore"), step("actions/cache/save"));
    assert_eq!(restore["key"], save["key"]);
    assert_eq!(restore["path"], save["path"]);
    // The cache trims each key to restore, and takes it for a prefix.
    let prefix = restore["restore-keys"].as_str().unwrap().trim();
    let run = restore["key"].as_str().unwrap().strip_prefix(prefix).unwrap();
    assert_eq!(run, "${{ github.run_id }}-${{ github.run_attempt }}");
    assert!(prefix.ends_with("${{ inputs.url }}|"), "{prefix}");
}
