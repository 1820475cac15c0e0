//! A run compared with an earlier one: a broken deploy is named as new, and a healthy one raises no alarm.

use std::path::Path;
use std::time::Duration;

use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::{Ran, greenlight_in, ran};
use crate::counting::{Counting, Manner};
use crate::service::{Service, VARIABLE};

pub(crate) const OLD: &str = "1111111111111111111111111111111111111111";
pub(crate) const NEW: &str = "22222222222222222222222222222222222222ab";

/// Verifies a service of this commit with these faults and records it, compared with a baseline when one is named.
pub(crate) async fn verified(directory: &Path, commit: &str, faults: Faults, more: &[&str]) -> Ran {
    let service = Service::built(Some(commit), faults).await;
    let url = service.url();
    let fixed = ["verify", &url, "--profile", "concierge", "--environment", "local"];
    let token = ["--token-env", VARIABLE, "--format", "json"];
    let all = fixed.into_iter().chain(token).chain(more.iter().copied());
    let mut command = greenlight_in(directory, all);
    command.env(VARIABLE, &service.token);
    ran(command).await
}

/// The same, compared with `before.json` and recorded as `after.json`.
async fn deployed(directory: &Path, faults: Faults) -> Ran {
    let more = ["--baseline", "before.json", "--record", "after.json"];
    verified(directory, NEW, faults, &more).await
}

async fn baseline(directory: &Path, faults: Faults) {
    let run = verified(directory, OLD, faults, &["--record", "before.json"]).await;
    assert!(run.json().get("baseline").is_none(), "nobody named one");
}

async fn diff(directory: &Path, more: &[&str]) -> Ran {
    let fixed = ["diff", "before.json", "after.json"];
    ran(greenlight_in(
        directory,
        fixed.into_iter().chain(more.iter().copied()),
    ))
    .await
}

fn faulty(faults: &[FaultId]) -> Faults {
    faults.iter().copied().collect()
}

fn slow(by: Duration) -> Faults {
    let mut faults = faulty(&[FaultId::Slow]);
    faults.delay = by;
    faults
}

/// The comparison in a report.
fn compared(run: &Ran) -> Value {
    let report = run.json();
    let diff = report["baseline"]["compared"].clone();
    assert_eq!(diff["schema"], "greenlight.diff/1", "{report:#}");
    diff
}

/// The checks in one list of failures.
fn checks(diff: &Value, list: &str) -> Vec<String> {
    let failures = diff["failures"][list].as_array().unwrap().iter();
    failures
        .map(|failure| failure["check"].as_str().unwrap().to_owned())
        .collect()
}

fn changes(diff: &Value, kind: &str, cost: &str) -> Vec<String> {
    let changes = diff["changes"].as_array().unwrap().iter();
    let of = changes.filter(|change| change["kind"] == kind && change["cost"] == cost);
    of.map(|change| change["statement"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_deploy_after_a_healthy_one_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    baseline(directory.path(), Faults::default()).await;
    let run = deployed(directory.path(), Faults::default()).await;
    let diff_of = compared(&run);
    assert_eq!(run.code, 0, "{diff_of:#}");
    assert_ne!(diff_of["before"]["version"], diff_of["after"]["version"]);
    for list in ["unlike", "changes"] {
        assert_eq!(diff_of[list], serde_json::json!([]), "{diff_of:#}");
    }
    assert_eq!(
        diff_of["failures"],
        serde_json::json!({"new": [], "unknown": [], "same": [], "gone": []})
    );
    assert!(
        run.err.contains("Nothing changed that is more than"),
        "{}",
        run.err
    );
    let said = diff(directory.path(), &[]).await;
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.out.starts_with("SAME  Nothing changed"), "{}", said.out);
    let replayed = [
        "replay",
        "after.json",
        "--baseline",
        "before.json",
        "--format",
        "json",
    ];
    let replayed = ran(greenlight_in(directory.path(), replayed)).await;
    assert_eq!(compared(&replayed)["changes"], diff_of["changes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deploy_broke_is_new_and_what_it_mended_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    baseline(directory.path(), Faults::default()).await;
    let broken = deployed(directory.path(), faulty(&[FaultId::MissingAwait])).await;
    let seen = compared(&broken);
    assert_eq!(broken.code, 1);
    assert!(
        checks(&seen, "new").contains(&"errors/no-server-error".to_owned()),
        "{seen:#}"
    );
    assert_eq!(checks(&seen, "same"), Vec::<String>::new());
    assert!(
        changes(&seen, "status", "breaking")
            .iter()
            .any(|change| change.contains("now")),
        "{seen:#}"
    );
    // The cause stays the headline.
    assert!(broken.err.starts_with("FAIL  A server error"), "{}", broken.err);
    let said = diff(directory.path(), &["--format", "markdown"]).await;
    assert_eq!(said.code, 1, "{said:#?}");
    assert!(said.out.starts_with("# BREAKING: "), "{}", said.out);

    std::fs::rename(
        directory.path().join("after.json"),
        directory.path().join("before.json"),
    )
    .unwrap();
    let still = deployed(directory.path(), faulty(&[FaultId::MissingAwait])).await;
    assert_eq!(still.code, 1);
    assert_eq!(checks(&compared(&still), "new"), Vec::<String>::new());
    assert!(!checks(&compared(&still), "same").is_empty());
    let mended = deployed(directory.path(), Faults::default()).await;
    assert_eq!(mended.code, 0, "{}", mended.err);
    assert_eq!(
        checks(&compared(&mended), "gone"),
        checks(&compared(&still), "same")
    );
    assert_eq!(checks(&compared(&mended), "new"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_drifted_and_a_header_that_went_are_named() {
    let directory = tempfile::tempdir().unwrap();
    baseline(directory.path(), Faults::default()).await;
    let drifted = deployed(directory.path(), faulty(&[FaultId::ContractDiffers])).await;
    let seen = compared(&drifted);
    assert!(!changes(&seen, "contract", "breaking").is_empty(), "{seen:#}");
    let bare = deployed(directory.path(), faulty(&[FaultId::CorsMissingOn401])).await;
    let seen = compared(&bare);
    let gone = changes(&seen, "header", "breaking");
    let told =
        |change: &&String| change.contains("→ 401") && change.contains("access-control-allow-origin is gone");
    assert!(gone.iter().any(|change| told(&change)), "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slower_than_before_is_degraded_and_slow_as_before_is_not() {
    let directory = tempfile::tempdir().unwrap();
    baseline(directory.path(), Faults::default()).await;
    let late = Duration::from_millis(400);
    let run = deployed(directory.path(), slow(late)).await;
    let seen = compared(&run);
    let slower = changes(&seen, "latency", "worse");
    assert!(
        slower
            .iter()
            .any(|change| change.starts_with("POST /ai/orchestrate → 200: slower")),
        "{seen:#}"
    );
    assert_eq!(
        (run.json()["verdict"].as_str(), run.code),
        (Some("degraded"), 0),
        "{}",
        run.err
    );
    assert!(
        run.err
            .starts_with("DEGRADED  Worse than the baseline: POST /ai/orchestrate"),
        "{}",
        run.err
    );
    // Nothing breaks.
    assert_eq!(diff(directory.path(), &[]).await.code, 0);

    std::fs::rename(
        directory.path().join("after.json"),
        directory.path().join("before.json"),
    )
    .unwrap();
    let run = deployed(directory.path(), slow(late)).await;
    assert_eq!(
        (run.json()["verdict"].as_str(), run.code),
        (Some("pass"), 0),
        "{}",
        run.err
    );
    assert_eq!(changes(&compared(&run), "latency", "worse"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_baseline_yet_is_no_failure_and_a_file_that_is_none_is_refused_before_any_packet() {
    let directory = tempfile::tempdir().unwrap();
    let run = deployed(directory.path(), Faults::default()).await;
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.json()["baseline"]["absent"], "before.json");
    assert!(
        run.err.contains("none yet: before.json is not there"),
        "{}",
        run.err
    );
    let deep = "[".repeat(100_000);
    for (text, why) in [
        ("", "before.json:1:0 is not a recording"),
        (
            "{\"schema\":\"greenlight.recording/9\"}",
            "has the schema `greenlight.recording/9`",
        ),
        (deep.as_str(), "before.json:1:"),
    ] {
        std::fs::write(directory.path().join("before.json"), text).unwrap();
        let service = Counting::start(Manner::AcceptsEverything).await;
        let url = service.url();
        let arguments = ["verify", &url, "--baseline", "before.json"];
        let run = ran(greenlight_in(directory.path(), arguments)).await;
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:#?}");
        assert!(run.err.contains(why) && run.err.contains("next:"), "{}", run.err);
        assert_eq!(service.connections(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_contracts_are_compared_breaking_first_and_with_a_recording_they_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let document = |paths: &str| {
        format!(r#"{{"openapi":"3.1.0","info":{{"title":"t","version":"1"}},"paths":{{{paths}}}}}"#)
    };
    let read = |path: &str| format!(r#""{path}":{{"get":{{"responses":{{"200":{{"description":"ok"}}}}}}}}"#);
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("before.json", &document(&read("/a")));
    write("after.json", &document(&format!("{},{}", read("/b"), read("/c"))));
    let run = diff(directory.path(), &[]).await;
    assert_eq!(run.code, 1, "{run:#?}");
    let gone = run.out.find("GET /a is gone").unwrap();
    assert!(gone < run.out.find("GET /b is new").unwrap(), "{}", run.out);
    write("after.json", &document(&format!("{},{}", read("/a"), read("/c"))));
    assert_eq!(diff(directory.path(), &["--format", "json"]).await.code, 0);
    write(
        "after.json",
        "openapi: 3.1.0\ninfo: {title: t, version: '2'}\npaths: {}\n",
    );
    assert_eq!(diff(directory.path(), &[]).await.code, 1);
    write("after.json", "{\"schema\":\"greenlight.report/1\"}");
    let run = diff(directory.path(), &[]).await;
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(
        run.err.contains("this build reads greenlight.recording/1"),
        "{}",
        run.err
    );
}
