//! The GitHub action's script, run as a runner would: its inputs become flags, its outputs are told, and its exit is
//! Greenlight's.
#![cfg(feature = "lab")]
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
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
    let report = |ran: &Ran| {
        let text = std::fs::read_to_string(ran.directory.path().join("greenlight-reports/report.json"));
        serde_json::from_str::<serde_json::Value>(&text.unwrap()).unwrap()
    };
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
