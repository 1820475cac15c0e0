//! A browser's own failing call, judged with nothing sent: what Chromium exports of the fault that began all this, what it copies as a
//! curl command, and what of either must be in no output.

use std::path::Path;
use std::process::Stdio;

use greenlight::report::format::Format;
use orchestrate::faults::id::FaultId;
use serde_json::Value;
use tokio::process::Command;

use crate::binary::{Ran, greenlight_in, ran};
use crate::exporter::{PAGE, exported};
use crate::relay::Relay;
use crate::service::{Service, VARIABLE};
use crate::shown::{blocks, hold};
use crate::two_in_the_morning::NIGHT;

/// A cookie of the page's site, as a session is.
const COOKIE: &str = "canary-cookie-5f2b9c1de0";

async fn run_in(directory: &Path, arguments: &[&str]) -> Ran {
    ran(greenlight_in(directory, arguments.iter().copied())).await
}

/// The page's calls: one that a service refuses, then the one that crashes it.
fn calls(base: &str, token: &str) -> String {
    // By its name, so that the cookie of the page's site goes along.
    let base = base.replace("127.0.0.1", "localhost");
    format!(
        r#"(async () => {{
  document.cookie = "session={COOKIE}; path=/";
  const seen = [];
  for (const authorization of ["Bearer not-a-good-one-0123456789", "Bearer {token}"]) {{
    const headers = {{ authorization, "content-type": "application/json" }};
    const body = JSON.stringify({{ text: "The kitchen closes at ten." }});
    await fetch("{base}/ai/orchestrate", {{ method: "POST", credentials: "include", headers, body }})
      .then(answer => seen.push(answer.status), error => seen.push(String(error)));
  }}
  return seen;
}})()"#
    )
}

/// Every format's report and the recording, judged from this export.
async fn every_output(directory: &Path, file: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for format in Format::ALL {
        let ran = run_in(
            directory,
            &[
                "diagnose",
                "--har",
                file,
                "--verbose",
                "--format",
                format.name(),
                "--record",
                "r.json",
            ],
        )
        .await;
        assert_eq!(ran.code, 1, "{}: {ran:?}", format.name());
        all.push((format.name().to_owned(), format!("{}{}", ran.out, ran.err)));
    }
    let kept = std::fs::read_to_string(directory.join("r.json")).unwrap();
    all.push(("the recording".to_owned(), kept));
    all
}

fn holds_none(outputs: &[(String, String)], secrets: &[&str]) {
    for (name, text) in outputs {
        for secret in secrets {
            assert!(!text.contains(secret), "{name} holds {secret}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_chromium_exports_of_the_incident_names_the_500_and_shows_no_session() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let relay = Relay::before(&service.url()).await;
    let Some(export) = exported(&calls(&relay.url(), &service.token)) else {
        return;
    };
    // To the page it is a network error, and nothing else.
    assert_eq!(
        export.outcomes,
        serde_json::json!([401, "TypeError: Failed to fetch"])
    );
    assert!(
        export.whole.contains(&service.token) && export.whole.contains(COOKIE),
        "{}",
        export.whole
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("whole.har"), &export.whole).unwrap();
    std::fs::write(path.join("sanitized.har"), &export.sanitized).unwrap();
    let paid = service.paid();
    for file in ["whole.har", "sanitized.har"] {
        let ran = run_in(path, &["diagnose", "--har", file]).await;
        let headline = "FAIL  A server error (HTTP 500) is what browsers here report as a CORS error\n";
        assert!(ran.out.starts_with(headline), "{file}: {}", ran.out);
        assert!(ran.out.contains("sent        nothing"), "{}", ran.out);
        hold(NIGHT, &blocks(NIGHT, "text")[0], &ran.out);
        let live = format!("--origin {PAGE} --request 'POST /api/v3/ai/orchestrate' --token-prompt");
        assert!(ran.out.contains(&live), "{file}: {}", ran.out);
        let report = run_in(path, &["replay", file, "--format", "json"]).await.json();
        assert_eq!(report["diagnoses"][0]["cause"], "masked-server-error", "{report}");
        assert_eq!(report["sent"]["reads"], 0);
    }
    assert_eq!(service.paid(), paid, "something was sent");
    // The command that it gives does ask the same, and finds the same, once it may pay.
    let report = run_in(path, &["diagnose", "--har", "whole.har", "--format", "json"]).await;
    let asked = relay.requests();
    let live = ran(printed(path, &report.json(), &service.token)).await;
    assert_eq!(
        live.json()["diagnoses"][0]["cause"],
        "masked-server-error",
        "{live:?}"
    );
    assert_eq!(live.json()["sent"]["paid"], 1, "{live:?}");
    let sent = relay.requests() - asked;
    assert!((10..=40).contains(&sent), "{sent} requests");
    let signature = service.token.rsplit('.').next().unwrap();
    let secrets = [
        &*service.token,
        signature,
        COOKIE,
        "not-a-good-one",
        "The kitchen closes",
    ];
    holds_none(&every_output(path, "whole.har").await, &secrets);
}

/// The command that the last step of the first cause gives, as printed, with leave to pay; the token comes from a variable, since
/// there is no terminal to type it at.
fn printed(directory: &Path, report: &Value, token: &str) -> Command {
    let steps = report["diagnoses"][0]["next_steps"].as_array().unwrap();
    let step = steps.last().unwrap().as_str().unwrap();
    let (_, line) = step.split_once("greenlight diagnose ").unwrap();
    assert!(
        line.contains("--token-prompt") && !line.contains("--budget"),
        "{line}"
    );
    let line = line.replace("--token-prompt", &format!("--token-env {VARIABLE}"));
    let program = greenlight_in(directory, []).as_std().get_program().to_owned();
    let script = format!("exec \"$0\" diagnose {line} --allow paid --format json");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).arg(program).current_dir(directory);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell.env_clear().kill_on_drop(true);
    shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    shell.env(VARIABLE, token);
    shell
}

/// A call as Chromium copies it.
const COPIED: &str = r#"curl 'https://api.acme.example/v1/notes?access_token=canary-query-0a1b' \
  -H 'accept: application/json' \
  -H 'authorization: Bearer canary-bearer-0a1b2c' \
  -H 'content-type: application/json' \
  -b 'session=canary-cookie-0a1b' \
  -H 'origin: https://app.acme.example' \
  -H 'referer: https://app.acme.example/canary-page' \
  -H 'user-agent: Mozilla/5.0' \
  --data-raw $'{"text":"it\'s canary-body\u0021"}'
"#;

#[tokio::test]
async fn a_copied_call_is_explained_and_what_it_carries_is_shown_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("call.sh"), COPIED).unwrap();
    let told = run_in(path, &["diagnose", "--curl", "call.sh"]).await;
    assert_eq!((told.code, told.err.as_str()), (3, ""));
    insta::assert_snapshot!(told.out);
    // Piped in, as the hint says.
    let mut piped = greenlight_in(path, ["diagnose", "--curl", "-"]);
    piped.stdin(std::fs::File::open(path.join("call.sh")).unwrap());
    let piped = ran(piped).await;
    assert_eq!((piped.code, &piped.out, piped.err.as_str()), (3, &told.out, ""));
    let json = run_in(path, &["diagnose", "--curl", "call.sh", "--format", "json"]).await;
    assert_eq!(
        json.json()["asked_headers"],
        serde_json::json!(["authorization", "content-type"])
    );
    for text in [&told.out, &json.out] {
        assert!(!text.contains("canary"), "{text}");
    }
    let refused = run_in(path, &["diagnose", "--curl", "call.sh", "--format", "sarif"]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[tokio::test]
async fn an_export_comes_from_standard_input_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("x.har"), r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://api.acme.example/me",
        "headers":[{"name":"Origin","value":"https://app.acme.example"}]},"response":{"status":502,"headers":[{"name":"via","value":"1.1 x"}]}}]}}"#).unwrap();
    let mut command = greenlight_in(path, ["diagnose", "--har", "-", "--format", "json"]);
    command.stdin(std::fs::File::open(path.join("x.har")).unwrap());
    let ran = ran(command).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.json()["browser"]["judged"], 1);
}
