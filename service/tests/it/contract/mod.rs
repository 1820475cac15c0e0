//! The served document is the committed one, and the service is what it says.

mod answers;
mod document;
mod examples;
mod seen;

use serde_json::Value;

use self::document::{COMMITTED, Document};
use crate::support::{header, start};

/// What is wrong with a body as this operation's answer with this status.
pub(crate) fn objections(id: &str, status: u16, body: &Value) -> Vec<String> {
    let document = Document::committed();
    let answer = document.answer(&document.operation(id), status).unwrap();
    document.objections(
        &answer["content"]["application/json; charset=utf-8"]["schema"],
        body,
    )
}

#[tokio::test]
async fn the_served_document_is_the_committed_one() {
    let service = start().await;
    let response = service.request("GET", "/openapi.yaml").send().await.unwrap();
    assert_eq!(header(&response, "content-type"), "application/yaml");
    assert!(
        response.text().await.unwrap().trim() == COMMITTED.trim(),
        "the served OpenAPI document differs from contracts/orchestrate.openapi.yaml; if that is meant, run\n\
         cargo run -p orchestrate -- openapi > contracts/orchestrate.openapi.yaml"
    );
    let json = service.request("GET", "/openapi.json").send().await.unwrap();
    assert_eq!(header(&json, "content-type"), "application/json");
    let json: Value = json.json().await.unwrap();
    assert!(
        json == *Document::committed().tree(),
        "the JSON says something else"
    );
}

#[test]
fn every_operation_has_its_words_and_says_who_may_call_it() {
    let document = Document::committed();
    let operations = document.operations();
    assert_eq!(operations.len(), 20);
    for operation in operations {
        let of = |name: &str| &operation.value[name];
        for words in ["operationId", "summary", "description"] {
            assert!(
                of(words).as_str().is_some_and(|words| !words.is_empty()),
                "{words} of {}",
                operation.id
            );
        }
        assert!(of("security").is_array(), "{}", operation.id);
        assert_eq!(of("tags").as_array().map(Vec::len), Some(1), "{}", operation.id);
        for (status, answer) in document.answers(&operation) {
            let headers = answer["headers"].as_object().unwrap();
            for name in [
                "X-Request-Id",
                "X-App-Version",
                "X-Instance-Id",
                "Vary",
                "Cache-Control",
            ] {
                assert!(
                    headers.contains_key(name),
                    "{} {status} has no {name}",
                    operation.id
                );
            }
            assert!(![500, 405].contains(&status), "{} {status}", operation.id);
            let no_body = [204, 302].contains(&status);
            assert_eq!(
                answer.get("content").is_none(),
                no_body,
                "{} {status}",
                operation.id
            );
        }
    }
}
