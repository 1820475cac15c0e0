//! The scenarios of this repository, as `greenlight run` runs them: green against the healthy reference service, and red with
//! the step that saw it for each fault that they are there for.

use orchestrate::app::Running;
use orchestrate::auth::caller::Scopes;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::{Ran, greenlight, ran};

/// Each scenario, and its faults with the step that is wrong then.
const SCENARIOS: &[(&str, &[(FaultId, &str)])] = &[
    (
        "smoke",
        &[
            (FaultId::MissingAwait, "orchestration.words"),
            (FaultId::Preflight405, "rejection.stranger"),
            (FaultId::CorsMissingOn401, "rejection.stranger"),
            (FaultId::NoChallenge, "rejection.stranger"),
        ],
    ),
    ("contract", &[(FaultId::AuthCrashes, "mistakes.garbled")]),
    (
        "transcription",
        &[
            (FaultId::CodecCrash, "hear.noise"),
            (FaultId::MissingAwait, "hear.recording"),
        ],
    ),
    (
        "readback",
        &[
            (FaultId::KeptNowhere, "keep.read"),
            (FaultId::KeptFieldLost, "keep.read"),
            (FaultId::KeptTextCut, "keep.read"),
            (FaultId::KeptOffList, "keep.find"),
            (FaultId::DeleteKeeps, "keep.gone"),
        ],
    ),
    (
        "auth",
        &[
            (FaultId::RefreshCrashes, "session.renew"),
            (FaultId::RefreshUseless, "session.use"),
            (FaultId::RefreshTokenAccepted, "session.mistaken"),
            (FaultId::RefreshReusable, "session.again"),
            (FaultId::RefreshTheftForgiven, "session.over"),
        ],
    ),
];

fn file(name: &str) -> String {
    format!("{}/../scenarios/{name}.arazzo.yaml", env!("CARGO_MANIFEST_DIR"))
}

/// A run of a scenario against a service with these faults, and of none.
async fn run(name: &str, faults: &[FaultId]) -> Ran {
    let mut settings = Settings::development();
    settings.faults = faults.iter().copied().collect();
    let token = mint(&settings.auth, &TokenRequest::access("ana")).unwrap();
    let service = Running::start(settings).await.unwrap();
    let session = service.sessions().begin("ana", Scopes::usual()).await.unwrap();
    let (file, url) = (file(name), service.base_url());
    let mut command = greenlight([
        "run",
        &file,
        "--server",
        &url,
        "--environment",
        "local",
        "--format",
        "json",
    ]);
    command
        .env("GREENLIGHT_INPUT_TOKEN", token)
        .env("GREENLIGHT_INPUT_REFRESH_TOKEN", session.refresh.expose());
    let run = ran(command).await;
    service.shutdown().await.unwrap();
    run
}

/// The steps that did not do what they should, of those that were run.
fn failed(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["outcome"] == "fail");
    let names = failed.filter_map(|check| check["check"].as_str()?.strip_prefix("scenario/"));
    names.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_green_against_the_healthy_service() {
    for (name, _) in SCENARIOS {
        let run = run(name, &[]).await;
        let report = run.json();
        assert_eq!(run.code, 0, "{name}: {} {}", report["headline"], run.err);
        assert_eq!(failed(&report), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_red_at_the_step_that_sees_the_fault() {
    for (name, faults) in SCENARIOS {
        for (fault, step) in *faults {
            let run = run(name, &[*fault]).await;
            let report = run.json();
            assert_eq!(
                run.code, 1,
                "{name} {fault:?}: {} {}",
                report["headline"], run.err
            );
            let failed = failed(&report);
            assert!(
                failed.iter().any(|one| one == step),
                "{name} {fault:?}: {failed:?} {}",
                report["headline"]
            );
        }
    }
}

#[tokio::test]
async fn each_is_clean_by_the_strictest_rules() {
    let files: Vec<String> = SCENARIOS.iter().map(|(name, _)| file(name)).collect();
    let lint = ["lint", "--strict"].into_iter();
    let run = ran(greenlight(lint.chain(files.iter().map(String::as_str)))).await;
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let folder = std::fs::read_dir(format!("{}/../scenarios", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let there = folder.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".arazzo.yaml")
    });
    assert_eq!(there.count(), SCENARIOS.len(), "one of them is run by no test");
}
