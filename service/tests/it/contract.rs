//! The served document is the committed one.

use crate::support::start;

const COMMITTED: &str = include_str!("../../../contracts/orchestrate.openapi.yaml");

#[tokio::test]
async fn the_served_document_is_the_committed_one() {
    let service = start().await;
    let served = service
        .request("GET", "/openapi.json")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        served.trim() == COMMITTED.trim(),
        "the served OpenAPI document differs from contracts/orchestrate.openapi.yaml; if that is meant, run\n\
         cargo run -p orchestrate -- openapi > contracts/orchestrate.openapi.yaml"
    );
}

#[test]
fn every_answer_of_the_committed_document_names_its_build() {
    let document: serde_json::Value = serde_json::from_str(COMMITTED).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let headers = answer["headers"].as_object().unwrap();
                assert!(headers.contains_key("X-REQUEST-ID"), "{method} {path} {status}");
                assert_ne!(status, "500");
            }
        }
    }
}
