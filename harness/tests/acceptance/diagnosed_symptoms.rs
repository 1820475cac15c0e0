//! What people see decides what a diagnosis asks first; and what it then names fits.

use std::str::FromStr as _;

use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::{greenlight, ran};
use crate::service::{Service, VARIABLE};

const PAGE: &str = "http://localhost:3000";

/// The report, and how many requests were asked for before the first that this check wants.
async fn diagnosed(service: &Service, check: &str, more: &[&str]) -> (Value, u64) {
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
    let recording: Value = serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap();
    let exchanges = recording["exchanges"].as_array().unwrap().iter();
    let of_check = exchanges.filter(|exchange| {
        let mut askers = exchange["askers"].as_array().unwrap().iter();
        askers.any(|asker| asker == check)
    });
    let first = of_check.map(|exchange| exchange["id"].as_u64().unwrap()).min();
    (report, first.unwrap_or(u64::MAX))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_see_is_looked_at_first_and_the_fitting_cause_is_named() {
    for (symptom, fault, cause, check) in [
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
    ] {
        let service = Service::with(&[FaultId::from_str(fault).unwrap()]).await;
        let (report, at) = diagnosed(&service, check, &["--symptom", symptom]).await;
        assert_eq!(
            report["diagnoses"][0]["cause"], cause,
            "{symptom}: {}",
            report["headline"]
        );
        let (_, without) = diagnosed(&service, check, &[]).await;
        assert!(at < without, "{symptom}: request {at} and {without}");
    }
}
