//! Effects as if accepted (law 4): a service whose authentication is off acts upon whatever it can read, and under default
//! settings it is given nothing to act upon. And a credential goes nowhere but to its own origin (law 5).

use std::path::Path;

use tempfile::TempDir;
use tokio::process::Command;

use crate::binary::{Ran, greenlight_in, ran};
use crate::counting::{Counting, Manner};
use crate::service::Service;

const CANARY: &str = "canary-7f3a9c-a-good-token-that-nobody-may-see";

/// A profile that gives every check something to ask: pages, auth, what is paid, what writes, and speech.
const PROFILE: &str = r#"
[service]
name = "open"
health = "/health"
ready = "/ready"
ai_health = "/ai/health"
version = { route = "/info", pointer = "/commit" }

[[client]]
origin = "https://app.example"
credentials = "include"
calls = [
    { call = "GET /health" },
    { call = "POST /summaries", headers = ["authorization", "content-type"] },
    { call = "DELETE /notes/1", headers = ["authorization"] },
    { call = "POST /untold", headers = ["authorization", "content-type"] },
]

[auth]
kind = "bearer"
token_env = "CANARY"
expired_env = "EXPIRED"

[[prove]]
call = "POST /summaries"
body = { text = "hello" }
effect = "paid"

[[prove]]
call = "POST /notes"
body = { text = "hello" }
effect = "write"

[[prove]]
call = "DELETE /notes/1"
effect = "write"

[[prove]]
call = "GET /paid-read"
effect = "paid"

[transcription]
call = "POST /speech"
effect = "paid"
body = { language = "en" }
audio_at = "/audio"
text_in = "/text"
text_at = "/results/transcription/text"
concepts_at = "/results/concepts/concepts"
samples = [
    { file = "one.wav", words = ["one"] },
    { file = "two.wav", words = ["two"] },
]
"#;

/// A contract with operations of every kind, one of which takes no body at all, and servers elsewhere.
fn contract(elsewhere: u16) -> String {
    let accepted = serde_json::json!({"200": {"description": "done"}});
    let body = serde_json::json!({"required": true, "content": {"application/json": {"schema": {
        "type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}}}});
    let with_body = serde_json::json!({"requestBody": body, "responses": accepted});
    let bare = serde_json::json!({"responses": accepted});
    serde_json::json!({
        "openapi": "3.1.0",
        "info": {"title": "open", "version": "1"},
        "servers": [{"url": format!("http://127.0.0.1:{elsewhere}")}],
        "paths": {
            "/health": {"get": bare},
            "/summaries": {"post": with_body},
            "/notes": {"post": with_body, "put": with_body},
            "/notes/{id}": {"delete": bare, "patch": with_body},
            "/restart": {"post": bare},
            "/speech": {"post": with_body},
        },
    })
    .to_string()
}

/// A directory with the profile, its samples and its contract.
fn directory(elsewhere: u16) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.path().join(name), bytes).unwrap();
    write("open.toml", PROFILE.as_bytes());
    write("contract.json", contract(elsewhere).as_bytes());
    write("one.wav", b"RIFF one");
    write("two.wav", b"RIFF two");
    directory
}

fn verify(directory: &Path, url: &str, more: &[&str]) -> Command {
    let fixed = [
        "verify",
        url,
        "--profile",
        "open.toml",
        "--contract",
        "contract.json",
    ];
    let mut command = greenlight_in(directory, fixed.into_iter().chain(more.iter().copied()));
    command
        .env("CANARY", CANARY)
        .env("EXPIRED", format!("expired-{CANARY}"));
    command
}

async fn against(manner: Manner, more: &[&str]) -> (Counting, Ran) {
    let server = Counting::start(manner).await;
    let nobody = Counting::start(Manner::AcceptsEverything).await;
    let directory = directory(nobody.port);
    let run = ran(verify(directory.path(), &server.url(), more)).await;
    assert_eq!(
        nobody.connections(),
        0,
        "a `servers` entry was followed: {run:#?}"
    );
    (server, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_authentication_off_is_given_nothing_to_act_upon() {
    let ways: [&[&str]; 7] = [
        &[],
        &["--environment", "production"],
        &["--environment", "staging"],
        &["--suite", "smoke"],
        &["--suite", "contract"],
        &["--suite", "integration"],
        &["--strict", "--seed", "7"],
    ];
    for way in ways {
        let (server, run) = against(Manner::AcceptsEverything, way).await;
        assert_eq!(server.accepted(), 0, "{way:?}: {run:#?}");
        assert!(server.requests() > 0, "{way:?} asked nothing: {run:#?}");
        assert!([1, 3].contains(&run.code), "{way:?}: {run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_counting_sees_what_a_local_run_may_do() {
    let (server, run) = against(Manner::AcceptsEverything, &["--environment", "local"]).await;
    assert!(server.accepted() >= 4, "{} of them: {run:#?}", server.accepted());
    assert!(server.credentials() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_to_pay_in_production_is_leave_for_one_call_and_for_no_write() {
    let (server, run) = against(
        Manner::AcceptsEverything,
        &["--allow", "paid", "--format", "json"],
    )
    .await;
    assert_eq!(server.accepted(), 1, "{run:#?}");
    let sent = &run.json()["sent"];
    assert_eq!((&sent["paid"], &sent["writes"]), (&1.into(), &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_to_write_is_no_leave_to_pay() {
    let (server, run) = against(
        Manner::AcceptsEverything,
        &["--allow", "writes", "--format", "json"],
    )
    .await;
    let sent = &run.json()["sent"];
    assert_eq!(sent["paid"], 0, "{run:#?}");
    assert_eq!(sent["writes"], server.accepted(), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_opens_no_connection_whatever_it_would_be_allowed() {
    let ways: [&[&str]; 3] = [
        &["--plan"],
        &["--plan", "--environment", "local"],
        &["--plan", "--allow", "paid,writes,hostile"],
    ];
    for way in ways {
        let (server, run) = against(Manner::AcceptsEverything, way).await;
        assert_eq!(server.connections(), 0, "{way:?}: {run:#?}");
        assert_eq!(run.code, 0, "{way:?}: {run:#?}");
        assert!(run.out.contains("POST /summaries"), "{way:?}: {}", run.out);
        assert!(run.out.contains("Nothing was sent"), "{way:?}: {}", run.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_would_not_send_names_the_flag() {
    let (_, run) = against(Manner::AcceptsEverything, &["--plan"]).await;
    for flag in ["--allow paid", "--allow writes"] {
        assert!(run.out.contains(flag), "{flag}: {}", run.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_an_answer_and_takes_no_credential_elsewhere() {
    for more in [&[][..], &["--environment", "local"], &["--allow", "paid,writes"]] {
        let other = Counting::start(Manner::AcceptsEverything).await;
        let (server, run) = against(Manner::Redirects(other.port), more).await;
        assert!(server.requests() > 0, "{more:?}: {run:#?}");
        assert_eq!(other.connections(), 0, "{more:?}: {run:#?}");
        assert_ne!(run.code, 0, "{more:?}: {run:#?}");
        assert!(!run.out.contains(CANARY) && !run.err.contains(CANARY), "{more:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_profile_only_reads_go_out() {
    let server = Counting::start(Manner::AcceptsEverything).await;
    let directory = tempfile::tempdir().unwrap();
    for environment in ["production", "staging"] {
        let url = server.url();
        let arguments = [
            "verify",
            &url,
            "--environment",
            environment,
            "--token-env",
            "CANARY",
        ];
        let mut command = greenlight_in(directory.path(), arguments);
        command.env("CANARY", CANARY);
        let run = ran(command).await;
        assert_eq!(server.accepted(), 0, "{run:#?}");
        assert!(server.requests() > 0, "{run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_bytes_go_out_than_the_budget_has_and_the_rest_says_why() {
    let service = Service::healthy().await;
    let limited = [
        "--environment",
        "local",
        "--budget",
        "bytes=2KiB",
        "--format",
        "json",
    ];
    let run = ran(service.verify_with_token(&limited)).await;
    let report = run.json();
    let bytes = report["sent"]["bytes"].as_u64().unwrap();
    assert!((1..=2_048).contains(&bytes), "{bytes}");
    let skipped = report["skipped"].to_string();
    assert!(
        skipped.contains("bytes of body, and") && skipped.contains("--budget bytes=N"),
        "{skipped}"
    );
}
