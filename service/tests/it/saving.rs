//! Keeping a run: what is said to be kept can be found.

use std::sync::Arc;

use orchestrate::domain::data::database::Database;
use serde_json::{Value, json};

use crate::support::{Service, Shelf, json as read, settings, start_with};

async fn service(shelf: &Shelf) -> (Service, Arc<dyn Database>) {
    let service = start_with(shelf.with(settings())).await;
    (service, shelf.open().await)
}

async fn orchestrate(service: &Service, output: Value) -> Value {
    let body = json!({"text": "Grilled fish.", "entity_id": "e1", "curator_id": "c1", "output": output});
    let (status, answer) = read(service.orchestrate(&body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn a_kept_run_can_be_found_and_is_the_callers() {
    let shelf = Shelf::new().await;
    let (service, store) = service(&shelf).await;
    let answer = orchestrate(&service, json!({"save_to_db": true, "return_results": true})).await;
    assert_eq!(answer["saved_to_db"], true);
    let id = answer["results"]["curation_id"].as_str().unwrap();
    let kept = store.find(id).await.unwrap().unwrap();
    assert_eq!(
        (kept.text.as_str(), kept.subject.as_str()),
        ("Grilled fish.", "ana@example.com")
    );
    assert_eq!(
        (kept.entity_id.as_deref(), kept.curator_id.as_deref()),
        (Some("e1"), Some("c1"))
    );
    assert!(!kept.concepts.is_empty());
}

#[tokio::test]
async fn nothing_is_kept_unless_it_was_asked_for() {
    let shelf = Shelf::new().await;
    let (service, _) = service(&shelf).await;
    let without = orchestrate(&service, Value::Null).await;
    assert_eq!(without["saved_to_db"], false);
    assert!(without["results"]["curation_id"].is_null());
    assert!(without["results"]["transcription"].is_object());
}

#[tokio::test]
async fn an_empty_output_object_keeps_and_shows_nothing() {
    let shelf = Shelf::new().await;
    let (service, _) = service(&shelf).await;
    let answer = orchestrate(&service, json!({})).await;
    assert_eq!(
        (answer["saved_to_db"].as_bool(), &answer["results"]),
        (Some(true), &json!({}))
    );
}

#[tokio::test]
async fn the_format_says_how_much_is_shown() {
    let shelf = Shelf::new().await;
    let (service, _) = service(&shelf).await;
    let shown = async |format: &str| {
        let output = json!({"save_to_db": false, "return_results": true, "format": format});
        let answer = orchestrate(&service, output).await;
        let results = answer["results"].as_object().unwrap().clone();
        results.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(shown("ids_only").await, ["entity_id"]);
    assert_eq!(shown("minimal").await, ["concepts", "entity_id"]);
    assert_eq!(shown("full").await, ["concepts", "entity_id", "transcription"]);
    assert_eq!(
        shown("whatever").await,
        ["concepts", "entity_id", "transcription"]
    );
}
