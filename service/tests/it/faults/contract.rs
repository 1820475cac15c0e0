//! Answers, documents and requests that are not what was promised.

use orchestrate::faults::id::FaultId;
use serde_json::{Value, json};

use super::{KITCHEN, accepted, body, clip, send, start};
use crate::support::{Service, header};

async fn result(fault: FaultId) -> Value {
    body(accepted(&start(fault).await)).await
}

async fn status(service: &Service, sent: Value) -> u16 {
    send(service.orchestrate(&sent)).await.status().as_u16()
}

#[tokio::test]
async fn fields_of_results_change() {
    assert!(
        result(FaultId::FieldRemoved)
            .await
            .get("processing_time_ms")
            .is_none()
    );
    assert!(result(FaultId::FieldTypeChanged).await["processing_time_ms"].is_string());
    assert!(result(FaultId::FieldNull).await["results"]["concepts"]["model"].is_null());
    assert_eq!(
        result(FaultId::FieldEnumGrew).await["workflow"],
        "text_with_concepts"
    );
    assert_eq!(
        result(FaultId::DefaultChanged).await["results"]["concepts"]["entity_type"],
        "venue"
    );
    let service = start(FaultId::FieldSometimesMissing).await;
    assert!(body(accepted(&service)).await["processing_time_ms"].is_u64());
    let spoken = body(clip(&service, KITCHEN)).await;
    assert!(spoken.get("processing_time_ms").is_none(), "{spoken}");
}

#[tokio::test]
async fn forms_of_answers_change() {
    let health = body(start(FaultId::FieldFormatChanged).await.request("GET", "/health")).await;
    assert!(health["timestamp"].as_str().unwrap().ends_with(" GMT"));
    let labelled = send(accepted(&start(FaultId::ContentTypeWrong).await)).await;
    assert!(header(&labelled, "content-type").starts_with("text/plain"));
    let done = send(accepted(&start(FaultId::StatusUndocumented).await)).await;
    assert_eq!(done.status(), 202);
    let refused = send(
        start(FaultId::ErrorShapeChanged)
            .await
            .orchestrate(&json!({"text": 7})),
    )
    .await;
    assert_eq!(refused.status(), 422);
    assert!(refused.json::<Value>().await.unwrap()["messages"].is_array());
}

#[tokio::test]
async fn the_document_and_its_paths_change() {
    let read = async |fault, path: &str| send(start(fault).await.request("GET", path)).await;
    assert_eq!(read(FaultId::SpecMissing, "/openapi.json").await.status(), 404);
    assert_eq!(read(FaultId::SpecCrashes, "/openapi.json").await.status(), 500);
    assert_eq!(read(FaultId::PathNotServed, "/info").await.status(), 404);
    assert_eq!(read(FaultId::PrefixMoved, "/health").await.status(), 404);
    assert_eq!(read(FaultId::PrefixMoved, "/../../v3/health").await.status(), 200);
    let document = async |fault| read(fault, "/openapi.json").await.json::<Value>().await.unwrap();
    let crash = document(FaultId::SpecHides500).await;
    assert!(crash["paths"]["/ai/orchestrate"]["post"]["responses"]["500"].is_object());
    let inner = document(FaultId::SpecServerInternal).await;
    assert!(
        inner["servers"][0]["url"]
            .as_str()
            .unwrap()
            .contains("cluster.local")
    );
    let old = document(FaultId::DeprecationSilent).await;
    assert_eq!(old["paths"]["/ai/health"]["get"]["deprecated"], true);
}

#[tokio::test]
async fn requests_are_taken_otherwise() {
    let text = json!({"text": "Grilled fish.", "language": "en"});
    assert_eq!(
        status(&start(FaultId::RequestFieldRequired).await, text.clone()).await,
        422
    );
    assert_eq!(
        status(&start(FaultId::ValidRequestRefused).await, text).await,
        422
    );
    let strict = start(FaultId::RequestExtraRefused).await;
    assert_eq!(status(&strict, json!({"text": "Fish.", "more": 1})).await, 422);
    assert_eq!(status(&strict, json!({"text": "Fish."})).await, 200);
    assert_eq!(
        status(&start(FaultId::NumbersTakenForText).await, json!({"text": 7})).await,
        200
    );
    let service = start(FaultId::RequestFieldIgnored).await;
    let answer = body(service.orchestrate(&json!({"text": "Fish.", "entity_id": "e1"}))).await;
    assert!(answer["results"].get("entity_id").is_none(), "{answer}");
}
