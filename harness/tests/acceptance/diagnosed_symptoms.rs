//! What people see decides what a diagnosis asks first; and what it then names fits.

use std::str::FromStr as _;

use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::{greenlight, ran};
use crate::service::{Service, VARIABLE};

const PAGE: &str = "http://localhost:3000";

/// What people see, what breaks it, the cause that fits, and the check that tells most of it.
const SEEN: &[(&str, &str, &str, &str)] = &[
    (
        "cors",
        "origin-not-listed",
        "origin-not-listed",
        "cors/preflight-allowed",
    ),
    (
        "5xx",
        "missing-await",
        "masked-server-error",
        "errors/unknown-route-is-404",
    ),
    (
        "401",
        "good-token-refused",
        "credential-refused",
        "auth/missing-credential-refused",
    ),
    ("slow", "health-slow", "too-slow", "rollout/one-build"),
];

/// The report and the recording.
async fn diagnosed(service: &Service, more: &[&str]) -> (Value, Value) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = service.url();
    let fixed = [
        "diagnose",
        &url,
        "--origin",
        PAGE,
        "--format",
        "json",
        "--token-env",
        VARIABLE,
    ];
    let call = ["--request", "POST /ai/orchestrate", "--allow", "paid"];
    let mut command = greenlight(fixed.into_iter().chain(call).chain(more.iter().copied()));
    command
        .arg("--record")
        .arg(file.path())
        .env(VARIABLE, &service.token);
    let report = ran(command).await.json();
    (
        report,
        serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap(),
    )
}

/// How many requests were asked for before the first that this check wants.
fn before(recording: &Value, check: &str) -> u64 {
    let exchanges = recording["exchanges"].as_array().unwrap().iter();
    let wanted = exchanges.filter(|exchange| {
        exchange["askers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|asker| asker == check)
    });
    let ids = wanted.map(|exchange| exchange["id"].as_u64().unwrap());
    ids.min().unwrap_or_else(|| panic!("{check} was not asked"))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_fault_that_people_see_the_fitting_cause_is_named_first() {
    for (symptom, fault, cause, _) in SEEN {
        let service = Service::with(&[FaultId::from_str(fault).unwrap()]).await;
        let (report, _) = diagnosed(&service, &["--symptom", symptom]).await;
        assert_eq!(
            report["diagnoses"][0]["cause"], *cause,
            "{symptom}: {}",
            report["headline"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_see_decides_what_is_asked_first() {
    let service = Service::healthy().await;
    let (_, untold) = diagnosed(&service, &[]).await;
    for (symptom, _, _, check) in SEEN {
        let (_, told) = diagnosed(&service, &["--symptom", symptom]).await;
        let (told, untold) = (before(&told, check), before(&untold, check));
        assert!(told < untold, "{symptom}: {check} as {told} instead of {untold}");
    }
}
