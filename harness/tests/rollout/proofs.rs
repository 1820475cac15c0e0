//! A deploy is through, and one of its processes was started without the secret: what costs nothing is proven on each of them.

use std::process::Stdio;

use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::faults::id::FaultId;
use serde_json::Value;
use tokio::process::Command;

use crate::nginx::{self, Nginx};
use crate::waiting::{NEW, free, port};

const PROFILE: &str = r#"
[service]
name = "concierge"
health = "/health"
version = { route = "/info", pointer = "/commit" }

[auth]
kind = "bearer"
token_env = "TOKEN"

[[prove]]
call = "GET /auth/verify"
protected = true
effect = "read"
expect = { "/subject" = "nonempty" }
"#;

/// A process of the new build, with this fault.
async fn process(fault: Option<FaultId>) -> Running {
    let mut settings = Settings::development();
    settings.origins.retain(|origin| !origin.contains("localhost"));
    settings.build.commit = Some(NEW.to_owned());
    settings.faults = fault.into_iter().collect();
    Running::start(settings).await.unwrap()
}

/// The report on two processes behind one door, right after a deploy to production. Ten are expected, so that so many
/// connections are opened as never miss one of two.
async fn verified(one: &Running, other: &Running) -> (i32, Value, String) {
    let door = free(1).await[0];
    let _nginx = Nginx::start(&[(door, vec![(port(one), 1), (port(other), 1)])]).await;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("greenlight.toml"), PROFILE).unwrap();
    let url = format!("http://127.0.0.1:{door}/api/v3");
    let token = mint(&Settings::development().auth, &TokenRequest::access("rollout")).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .args(["verify", &url, "--environment", "production", "--suite", "smoke"])
        .args(["--wait", "1m", "--expect-version", &NEW[..9], "--replicas", "10"])
        .args(["--format", "json"])
        .current_dir(directory.path())
        .env_clear()
        .env("TOKEN", token)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let err = String::from_utf8(done.stderr).unwrap();
    let report = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {err}"));
    (done.status.code().unwrap_or(-1), report, err)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_the_secret_is_found_by_a_proof_that_costs_nothing() {
    if !nginx::is_here() {
        return;
    }
    let (good, bad) = (
        process(None).await,
        process(Some(FaultId::GoodTokenRefused)).await,
    );
    let (code, report, err) = verified(&good, &bad).await;
    assert_eq!(code, 1, "{err}");
    assert_eq!(report["diagnoses"][0]["cause"], "replica-uneven", "{err}");
    let findings = report["findings"].as_array().unwrap();
    let proof = findings.iter().find(|found| found["check"] == "journey/proofs");
    let title = proof.unwrap()["title"].as_str().unwrap();
    assert!(
        title.starts_with("GET /auth/verify must work, and answers HTTP 401 to a good call, ")
            && title.ends_with(" times out of 51"),
        "{title}"
    );
    assert_eq!(proof.unwrap()["explained_by"], "replica-uneven", "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_processes_are_proven_both() {
    if !nginx::is_here() {
        return;
    }
    let (one, other) = (process(None).await, process(None).await);
    let (code, report, err) = verified(&one, &other).await;
    assert_eq!(code, 0, "{err}");
    let checks = report["checks"].as_array().unwrap();
    let proofs = checks.iter().find(|check| check["check"] == "journey/proofs");
    assert_eq!(proofs.unwrap()["judged"], 51, "{err}");
    assert_eq!(report["sent"]["paid"], 0, "{err}");
}
