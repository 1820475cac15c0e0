//! `--quiet`: the headline with its word, and nothing else, whatever the command; what machines and files get stays whole.

use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
use tokio::process::Command;

use crate::binary::{Ran, greenlight_in, ran};
use crate::service::{Service, VARIABLE};

/// The binary where no headline is too long for a line.
fn wide(mut command: Command) -> Command {
    command.env("COLUMNS", "200");
    command
}

async fn verify(service: &Service, more: &[&str]) -> Ran {
    let fixed = ["--environment", "local", "--quiet"];
    let all: Vec<&str> = fixed.into_iter().chain(more.iter().copied()).collect();
    ran(wide(service.verify_with_token(&all))).await
}

async fn in_directory(directory: &tempfile::TempDir, arguments: &[&str]) -> Ran {
    ran(wide(greenlight_in(
        directory.path(),
        arguments.iter().copied().chain(["--quiet"]),
    )))
    .await
}

/// One line on standard output, which begins so, and no word beside it.
fn is_headline(ran: &Ran, code: i32, begins: &str) {
    assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{ran:#?}");
    assert!(ran.out.starts_with(begins), "{ran:#?}");
    assert_eq!(ran.out.lines().count(), 1, "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_its_headline_and_nothing_else_and_so_does_its_replay() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let (recording, page) = (file("run.json"), format!("human={}", file("page.txt")));
    let broken = verify(&service, &["--record", &recording, "--format", &page]).await;
    is_headline(&broken, 1, "FAIL  A server error (HTTP 500)");
    let page = std::fs::read_to_string(file("page.txt")).unwrap();
    assert!(page.lines().count() > 10, "a file stays whole: {page}");
    let replayed = in_directory(&directory, &["replay", "run.json"]).await;
    is_headline(&replayed, 1, broken.out.trim_end());

    let healthy = Service::healthy().await;
    is_headline(&verify(&healthy, &[]).await, 0, "PASS  ");
    is_headline(&verify(&healthy, &["--format", "short"]).await, 0, "PASS  ");
    let json = verify(&healthy, &["--format", "json"]).await;
    let report = json.json();
    let headline = report["headline"].as_str().unwrap();
    assert_eq!(json.err, format!("PASS  {headline}\n"), "{json:#?}");
    assert!(report["checks"].as_array().unwrap().len() > 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_says_nothing_on_the_way() {
    let directory = tempfile::tempdir().unwrap();
    let crashing = Service::with(&[FaultId::CorsMissingEverywhere]).await;
    let url = crashing.url();
    let about = ["diagnose", &url, "--origin", "http://localhost:3000"];
    let aloud = ran(greenlight_in(directory.path(), about)).await;
    assert!(aloud.err.contains("so far  "), "{aloud:#?}");
    is_headline(&in_directory(&directory, &about).await, 1, "FAIL  ");

    let healthy = Service::healthy().await;
    let url = healthy.url();
    let about = ["diagnose", &url, "--origin", "http://localhost:3000"];
    is_headline(&in_directory(&directory, &about).await, 3, "NOT REPRODUCED  ");

    std::fs::write(
        directory.path().join("call"),
        "curl 'https://api.acme.example/notes'",
    )
    .unwrap();
    let copied = in_directory(&directory, &["diagnose", "--curl", "call"]).await;
    is_headline(&copied, 3, "INCONCLUSIVE  GET /notes");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_says_how_it_ended_and_no_stage() {
    let directory = tempfile::tempdir().unwrap();
    let commit = "fedcba9876543210fedcba9876543210fedcba98";
    let service = Service::built(Some(commit), Faults::default()).await;
    let url = service.url();
    let about = |sha| {
        [
            "wait",
            &url,
            "--profile",
            "concierge",
            "--expect-version",
            sha,
            "--for",
        ]
    };
    let came = in_directory(&directory, &[&about("fedcba987")[..], &["60s"]].concat()).await;
    is_headline(&came, 0, "SETTLED  fedcba987 is the only build that answers\n");
    let never = in_directory(&directory, &[&about("abcdef012")[..], &["1s"]].concat()).await;
    is_headline(&never, 5, "NOT SETTLED  abcdef012 is not deployed");
    let wait = ["--expect-version", "abcdef012", "--wait", "1s"];
    is_headline(
        &verify(&service, &wait).await,
        5,
        "NOT SETTLED  abcdef012 is not deployed",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_says_whether_something_breaks() {
    let directory = tempfile::tempdir().unwrap();
    let contract = |paths: &str| {
        format!(
            r#"{{"openapi": "3.1.0", "info": {{"title": "notes", "version": "1"}}, "paths": {{{paths}}}}}"#
        )
    };
    let health = r#""/health": {"get": {"responses": {"200": {"description": "ok"}}}}"#;
    std::fs::write(directory.path().join("old.json"), contract(health)).unwrap();
    std::fs::write(directory.path().join("new.json"), contract("")).unwrap();
    let breaks = in_directory(&directory, &["diff", "old.json", "new.json"]).await;
    assert_eq!((breaks.code, breaks.out.lines().count()), (1, 1), "{breaks:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_done_is_said_all_the_same() {
    let service = Service::healthy().await;
    let done = verify(&service, &["--on-pass", "true"]).await;
    is_headline(&done, 0, "PASS  ");
    let failed = verify(
        &service,
        &["--on-pass", "exit 7", "--notify", "http://127.0.0.1:9/x"],
    )
    .await;
    assert_eq!(failed.code, 1, "{failed:#?}");
    assert_eq!(
        failed.err, "on-pass  FAILED: it ended with exit status: 7\n",
        "{failed:#?}"
    );
    let broken = Service::with(&[FaultId::MissingAwait]).await;
    let untold = verify(&broken, &["--notify", "http://127.0.0.1:9/x"]).await;
    assert!(
        untold.err.contains("NOT TOLD") && untold.err.lines().count() == 1,
        "{untold:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_both_quiet_and_verbose_and_what_is_wrong_is_said() {
    let service = Service::healthy().await;
    let both = verify(&service, &["--verbose"]).await;
    assert_eq!((both.code, both.out.as_str()), (2, ""), "{both:#?}");
    assert!(both.err.contains("--verbose"), "{both:#?}");
    assert_eq!(service.paid(), 0);
    let mut command = service.verify(&["--environment", "local", "--quiet", "--token-env", VARIABLE]);
    command.env_remove(VARIABLE);
    let unset = ran(command).await;
    assert!(unset.code == 2 && unset.err.contains(VARIABLE), "{unset:#?}");
}
