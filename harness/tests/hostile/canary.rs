//! Canaries: what must stay secret, met by a server that says everything it is told in every place and form. None of it is
//! found in a report, a recording, a log, a message, or the list of processes.

use std::path::Path;
use std::sync::{Arc, Mutex};

use aho_corasick::AhoCorasick;
use greenlight::report::format::Format;
use percent_encoding::percent_decode_str;
use tokio::process::Command;

use crate::behaviours::{Act, Behaviour};
use crate::binary::{greenlight, ran};
use crate::indiscreet::{JWT, OF_STRANGERS, PASSWORD, PROVIDER_KEY, TOKEN, TRANSCRIPT, indiscreet, sought};
use crate::server::Server;

const PROFILE: &str = r#"
[service]
health = "/health"
version = { route = "/health", pointer = "/commit" }

[bounds]
deadline = "3s"

[[prove]]
call = "GET /me"
expect = { "/text" = "nonempty" }

[[prove]]
call = "POST /notes"
body = { text = "hello" }
effect = "write"

"#;

/// What anybody may read of the processes whose arguments hold this, and of their children, for as long as it runs.
async fn arguments_of(mark: String, seen: Arc<Mutex<String>>) {
    let facts = |id: u32| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).ok()?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
        Some((
            String::from_utf8_lossy(&line).replace('\0', " "),
            parent.trim().parse::<u32>().ok()?,
        ))
    };
    let mut ours = std::collections::BTreeSet::new();
    loop {
        let names = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut ids: Vec<u32> = names
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort_unstable();
        for id in ids {
            let Some((line, parent)) = facts(id) else { continue };
            if line.contains(&mark) || ours.contains(&parent) {
                ours.insert(id);
                let mut seen = seen.lock().unwrap();
                if !seen.contains(&line) {
                    seen.push_str(&line);
                    seen.push('\n');
                }
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
}

/// Runs every command that could say something, and returns all that was said, by where.
async fn everything(auth: &str, variables: &[(&str, &str)], flags: &[&str]) -> Vec<(String, String)> {
    let behaviour = Behaviour {
        id: "indiscreet",
        act: Act::Answers(indiscreet),
        tls: false,
    };
    let server = Server::start(&behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("p.toml"), format!("{PROFILE}{auth}")).unwrap();
    let url = server.url();
    let with = |mut command: Command| {
        command
            .envs(variables.iter().copied())
            .env("RUST_LOG", "trace")
            .env("GITHUB_STEP_SUMMARY", path.join("summary.md"))
            .env("RUST_BACKTRACE", "full");
        command
    };
    let arguments: Arc<Mutex<String>> = Arc::default();
    let watching = tokio::spawn(arguments_of(url.clone(), arguments.clone()));
    let base = [
        "verify",
        &url,
        "--profile",
        "p.toml",
        "--origin",
        "https://app.example",
        "--verbose",
    ];
    let written = in_files("live");
    let reports = [
        "--record",
        "run.json",
        "--bundle",
        "run.tar.gz",
        "--format",
        "json",
    ]
    .into_iter()
    .chain(written.iter().map(String::as_str));
    let plan = ran(with(greenlight(
        path,
        base.into_iter().chain(flags.iter().copied()).chain(["--plan"]),
    )))
    .await;
    assert_eq!(plan.code, 0, "{}", plan.err);
    let live = ran(with(greenlight(
        path,
        base.into_iter().chain(flags.iter().copied()).chain(reports),
    )))
    .await;
    assert_eq!(live.code, 1, "{}", live.err);
    let written = in_files("again");
    let again = ["replay", "run.json", "--verbose", "--format", "json"]
        .into_iter()
        .chain(written.iter().map(String::as_str));
    let again = ran(with(greenlight(path, again))).await;
    assert_eq!((again.code, &again.out), (1, &live.out));
    watching.abort();
    let processes = arguments.lock().unwrap().clone();
    assert!(processes.contains("p.toml"));
    let mut said = files(path);
    said.extend(unpacked(&path.join("run.tar.gz")));
    said.push(("the list of processes".to_owned(), processes));
    for (what, ran) in [("plan", plan), ("verify", live), ("replay", again)] {
        said.push((format!("standard output of {what}"), ran.out));
        said.push((format!("standard error of {what}"), ran.err));
    }
    said
}

/// Every format there is, each in a file of its own.
fn in_files(run: &str) -> Vec<String> {
    let flags = |format: &Format| ["--format".to_owned(), format!("{0}={run}.{0}", format.name())];
    Format::ALL.iter().flat_map(flags).collect()
}

/// Every file of a bundle.
fn unpacked(path: &Path) -> Vec<(String, String)> {
    let packed = std::fs::read(path).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*packed));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        (entry.path().unwrap().display().to_string(), text)
    };
    let files: Vec<_> = archive.entries().unwrap().map(read).collect();
    assert!(files.len() >= 8, "{} files", files.len());
    files
}

/// What a run and its replay wrote. A report says the same whenever a recording is judged.
fn files(directory: &Path) -> Vec<(String, String)> {
    let read = |name: String| {
        let text = std::fs::read_to_string(directory.join(&name)).unwrap();
        (name, text)
    };
    let mut files = vec![read("run.json".to_owned()), read("summary.md".to_owned())];
    assert!(files[0].1.contains("[credential:"), "what was removed is marked");
    for format in Format::ALL {
        let [live, again] = ["live", "again"].map(|run| read(format!("{run}.{}", format.name())));
        assert_eq!(live.1, again.1, "{format:?}");
        files.extend([live, again]);
    }
    files
}

/// No form of the secret stands anywhere.
#[track_caller]
fn absent(said: &[(String, String)], secret: &str) {
    let sought = sought(secret);
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(&sought)
        .unwrap();
    for (what, text) in said {
        // JSON in JSON escapes once more.
        for text in [
            text.clone(),
            text.replace("\\\\", "\\"),
            text.replace("\\\"", "\""),
            percent_decode_str(text).decode_utf8_lossy().into_owned(),
        ] {
            if let Some(hit) = search.find(&text) {
                let around = &text.as_bytes()[hit.start().saturating_sub(80)..];
                let around = String::from_utf8_lossy(&around[..around.len().min(240)]);
                panic!("{what} holds {:?}: {around:?}", sought[hit.pattern()]);
            }
        }
    }
}

fn nothing_of_the_server(said: &[(String, String)]) {
    for secret in OF_STRANGERS.into_iter().chain(["canary-dsn-pa55", TRANSCRIPT]) {
        absent(said, secret);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_a_variable_is_found_nowhere() {
    for token in [TOKEN, JWT] {
        for flags in [&[][..], &["--environment", "production", "--allow", "writes"]] {
            let said = everything(
                "[auth]\nkind = \"bearer\"\ntoken_env = \"TOKEN\"\n",
                &[("TOKEN", token)],
                flags,
            )
            .await;
            absent(&said, token);
            nothing_of_the_server(&said);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_and_a_password_are_found_nowhere() {
    let key = "[auth]\nkind = \"api-key\"\nheader = \"x-team-key\"\nkey_env = \"KEY\"\n";
    let said = everything(key, &[("KEY", "CANARYKEY/1a2b3c4d5e6f7081")], &[]).await;
    absent(&said, "CANARYKEY/1a2b3c4d5e6f7081");
    nothing_of_the_server(&said);
    let basic = "[auth]\nkind = \"basic\"\nuser_env = \"NAME\"\npassword_env = \"PASSWORD\"\n";
    let said = everything(basic, &[("NAME", "somebody"), ("PASSWORD", PASSWORD)], &[]).await;
    absent(&said, PASSWORD);
    nothing_of_the_server(&said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_command_prints_is_found_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, TOKEN).unwrap();
    // Long enough to be seen among the processes.
    let command = format!("sleep 0.1; cat {}", file.display());
    let said = everything("", &[], &["--token-command", &command]).await;
    let processes = said
        .iter()
        .find(|(what, _)| what == "the list of processes")
        .unwrap();
    assert!(
        processes.1.contains("sleep"),
        "children are looked at as well: {}",
        processes.1
    );
    absent(&said, TOKEN);
    nothing_of_the_server(&said);
}

async fn refused(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut command = greenlight(directory, arguments.iter().copied());
    command.envs(variables.iter().copied());
    let ran = ran(command).await;
    assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
    vec![
        (format!("{arguments:?} out"), ran.out),
        (format!("{arguments:?} err"), ran.err),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_sending_is_not_repeated() {
    const PASS: &str = "canary-pa55word-0123456789";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let url = format!("http://somebody:{PASS}@127.0.0.1:9/api");
    let good = "http://127.0.0.1:9";
    let profiles = [
        format!("[auth]\nkind = \"bearer\"\ntoken = \"{PASS}\"\n"),
        format!("[auth]\nkind = \"basic\"\nuser_env = \"A\"\npassword = \"{PASS}\"\n"),
        format!("[env.production]\nurl = \"{url}\"\n"),
        format!("[service]\ncontract = \"{url}\"\n"),
        format!("[[client]]\norigin = \"https://u:{PASS}@app.example\"\n"),
        format!("[auth]\nkind = \"bearer\"\ntoken_env = \"{JWT}\"\n"),
    ];
    let mut said = Vec::new();
    for (at, profile) in profiles.iter().enumerate() {
        let name = format!("p{at}.toml");
        std::fs::write(path.join(&name), profile).unwrap();
        said.extend(refused(path, &["verify", good, "--profile", &name, "--verbose"], &[]).await);
    }
    let origin = format!("https://somebody:{PASS}@app.example");
    let mistakes: [&[&str]; 4] = [
        &["verify", &url],
        &["verify", good, "--contract", &url],
        &["verify", good, "--origin", &origin],
        &["verify", good, "--token-env", JWT],
    ];
    for arguments in mistakes {
        let ran = ran(greenlight(path, arguments.iter().copied())).await;
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        said.push((
            format!("mistake {}", arguments.len()),
            format!("{}{}", ran.out, ran.err),
        ));
    }
    for variable in ["GREENLIGHT_URL", "GREENLIGHT_ORIGIN"] {
        let value = if variable.ends_with("URL") { &url } else { &origin };
        let mut command = greenlight(path, ["verify"]);
        command.env(variable, value);
        let ran = ran(command).await;
        if ran.code == 2 {
            said.push((variable.to_owned(), format!("{}{}", ran.out, ran.err)));
        }
    }
    let proxy = format!("http://somebody:{PASS}@127.0.0.1:9");
    for (variable, value) in [
        ("http_proxy", proxy.as_str()),
        ("http_proxy", "ht!tp://canary-pa55word-0123456789@x"),
    ] {
        let mut command = greenlight(
            path,
            ["verify", "http://notes.example", "--verbose", "--format", "json"],
        );
        command.env(variable, value);
        let ran = ran(command).await;
        assert_ne!(ran.code, 0);
        said.push((
            format!("{variable}={}", value.len()),
            format!("{}{}", ran.out, ran.err),
        ));
    }
    absent(&said, PASS);
    absent(&said, JWT);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flag_takes_a_secret() {
    let directory = tempfile::tempdir().unwrap();
    for command in ["verify", "replay", "list", "explain", "lab"] {
        let help = ran(greenlight(directory.path(), [command, "--help"])).await.out;
        let flags = help
            .lines()
            .filter_map(|line| line.trim_start().split("--").nth(1));
        for flag in flags {
            let name: String = flag
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect();
            let rest = &flag[name.len()..];
            let secret = [
                "token",
                "password",
                "secret",
                "key",
                "credential",
                "cookie",
                "auth",
            ];
            if secret.iter().any(|word| name.contains(word)) {
                let indirect =
                    rest.starts_with(" <VAR>") || rest.starts_with(" <CMD>") || !rest.starts_with(" <");
                assert!(
                    indirect,
                    "{command} --{name}{rest} takes a value that everybody can read"
                );
            }
        }
    }
    for flag in [
        "--token",
        "--password",
        "--api-key",
        "--header",
        "--user",
        "--cookie",
    ] {
        let said = refused(
            directory.path(),
            &["verify", "http://127.0.0.1:9", flag, TOKEN],
            &[],
        )
        .await;
        assert!(said[1].1.contains("unexpected argument"), "{}", said[1].1);
    }
}

#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_our_own_tells_its_place_and_not_its_message() {
    let directory = tempfile::tempdir().unwrap();
    for secret in [TOKEN, PROVIDER_KEY] {
        let mut command = greenlight(directory.path(), ["list"]);
        command
            .env("GREENLIGHT_TEST_PANIC", format!("no route for {secret}"))
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace");
        let ran = ran(command).await;
        assert_eq!((ran.code, ran.out.as_str()), (70, ""), "{}", ran.err);
        assert!(
            ran.err.contains("a fault of its own at harness/src/main.rs"),
            "{}",
            ran.err
        );
        absent(&[("the message".to_owned(), ran.err)], secret);
    }
}
