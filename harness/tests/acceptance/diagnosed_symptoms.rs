//! What people see decides what a diagnosis asks first; and what it then names fits.

use std::str::FromStr as _;

use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::{greenlight, ran};
use crate::service::{Service, VARIABLE};

const PAGE: &str = "http://localhost:3000";

/// The report, and how many requests were asked for before the first of this family.
async fn diagnosed(service: &Service, family: &str, more: &[&str]) -> (Value, u64) {
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
    let of_family = exchanges.filter(|exchange| {
        let mut askers = exchange["askers"].as_array().unwrap().iter();
        askers.any(|asker| asker.as_str().unwrap().starts_with(family))
    });
    let first = of_family.map(|exchange| exchange["id"].as_u64().unwrap()).min();
    (report, first.unwrap_or(u64::MAX))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_see_is_looked_at_first_and_the_fitting_cause_is_named() {
    for (symptom, fault, cause, family) in [
        ("cors", "origin-not-listed", "origin-not-listed", "cors/"),
        ("5xx", "missing-await", "masked-server-error", "errors/"),
        ("401", "good-token-refused", "credential-refused", "auth/"),
        ("slow", "health-slow", "health-slow", "rollout/"),
    ] {
        let service = Service::with(&[FaultId::from_str(fault).unwrap()]).await;
        let (report, at) = diagnosed(&service, family, &["--symptom", symptom]).await;
        assert_eq!(
            report["diagnoses"][0]["cause"], cause,
            "{symptom}: {}",
            report["headline"]
        );
        let (_, without) = diagnosed(&service, family, &[]).await;
        assert!(at < without, "{symptom}: request {at} and {without}");
    }
}
