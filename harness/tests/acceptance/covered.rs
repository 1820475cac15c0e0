//! What a run saw of the contract, and the gates that ask for it: red as long as something that must was not seen to succeed.

use serde_json::{Value, json};

use crate::binary::{Ran, greenlight, ran};
use crate::service::Service;

/// A run of everything that a local service may be asked, with these gates.
async fn verified(service: &Service, gates: &[&str]) -> Ran {
    let fixed = ["--environment", "local", "--format", "json"];
    ran(service.verify_with_token(&[&fixed[..], gates].concat())).await
}

fn check(report: &Value) -> Value {
    let checks = report["checks"].as_array().unwrap();
    let gate = checks
        .iter()
        .find(|one| one["check"] == "contract/operations-succeed");
    gate.unwrap()["outcome"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_on_what_works_is_green_and_every_operation_is_told() {
    let service = Service::healthy().await;
    let gates = [
        "--require-success",
        "orchestrate",
        "--require-success",
        "* /curations*",
        "--min-coverage",
        "40",
    ];
    let run = verified(&service, &gates).await;
    let report = run.json();
    assert_eq!((run.code, check(&report)), (0, json!("pass")), "{}", run.err);
    let told = report["coverage"]["operations"].as_array().unwrap();
    let of = |name: &str| told.iter().find(|one| one["operation"] == name).unwrap();
    assert_eq!(of("POST /ai/orchestrate")["succeeded"], true);
    assert_eq!(of("PUT /concept-categories/{entity_type}")["seen"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_on_what_nobody_called_is_red_and_replays_so() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.json");
    let record = [
        "--record",
        file.to_str().unwrap(),
        "--require-success",
        "putConceptCategories",
    ];
    let run = verified(&service, &record).await;
    let said = "PUT /concept-categories/{entity_type} was never seen to succeed";
    let report = run.json();
    assert_eq!((run.code, &report["headline"]), (1, &json!(said)), "{}", run.err);
    assert_eq!(report["diagnoses"][0]["cause"], "operation-unproven");
    let again = ran(greenlight(["replay", file.to_str().unwrap(), "--format", "json"])).await;
    assert_eq!((again.code, &again.json()["headline"]), (1, &json!(said)));

    let run = verified(&service, &["--min-coverage", "100"]).await;
    assert_eq!((run.code, check(&run.json())), (1, json!("fail")), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gate_what_nobody_called_is_shown_and_fails_nothing() {
    let service = Service::healthy().await;
    let run = ran(service.verify_with_token(&["--environment", "local"])).await;
    assert_eq!(run.code, 0, "{}", run.err);
    let page = [run.out, run.err].concat();
    assert!(
        page.contains("\ncontract    ") && page.contains("operations seen to succeed"),
        "{page}"
    );
}
