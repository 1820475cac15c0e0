//! What the service says about itself, and what it promised.

use jiff::{SignedDuration, Timestamp};
use orchestrate::faults::id::FaultId;

use super::{accepted, body, has, send, start};
use crate::support::{Service, header};

async fn get(service: &Service, path: &str) -> (u16, serde_json::Value) {
    let response = send(service.request("GET", path)).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn every_health_route_is_well_while_the_ai_path_is_down() {
    let service = start(FaultId::HealthLies).await;
    for path in ["/health", "/ready", "/ai/health"] {
        assert_eq!(get(&service, path).await.0, 200, "{path}");
    }
    assert_eq!(get(&service, "/ai/health").await.1["status"], "healthy");
    assert_eq!(send(accepted(&service)).await.status(), 503);
}

#[tokio::test]
async fn health_contradicts_itself() {
    let service = start(FaultId::HealthContradicts).await;
    let (status, health) = get(&service, "/health").await;
    assert_eq!(
        (status, health["status"].as_str(), health["database"].as_str()),
        (200, Some("healthy"), Some("error"))
    );
    assert_eq!(get(&service, "/ready").await.0, 503);
}

#[tokio::test]
async fn health_is_a_day_old() {
    let service = start(FaultId::HealthStale).await;
    let response = send(service.request("GET", "/health")).await;
    assert_eq!(header(&response, "age"), "86400");
    assert!(header(&response, "cache-control").starts_with("public"));
    let health: serde_json::Value = response.json().await.unwrap();
    let measured: Timestamp = health["timestamp"].as_str().unwrap().parse().unwrap();
    assert!(Timestamp::now().duration_since(measured) > SignedDuration::from_hours(23));
}

#[tokio::test]
async fn ai_health_shows_a_part_of_the_key() {
    let service = start(FaultId::SecretLeak).await;
    let (_, health) = get(&service, "/ai/health").await;
    assert!(
        health["checks"]["openai_api_key"]["key_prefix"]
            .as_str()
            .unwrap()
            .starts_with("sk-")
    );
}

#[tokio::test]
async fn the_transcripts_text_has_another_name() {
    let service = start(FaultId::FieldRenamed).await;
    let transcription = body(accepted(&service)).await["results"]["transcription"].clone();
    assert!(transcription.get("text").is_none() && transcription["transcript"].is_string());
}

#[tokio::test]
async fn the_served_document_lacks_a_field() {
    let service = start(FaultId::ContractDiffers).await;
    let (_, document) = get(&service, "/openapi.json").await;
    let schema = &document["components"]["schemas"]["Transcription"];
    assert!(schema["properties"]["duration"].is_object() && schema["properties"].get("text").is_none());
    let response = send(accepted(&service)).await;
    assert!(response.status().is_success() && has(&response, "x-request-id"));
}
