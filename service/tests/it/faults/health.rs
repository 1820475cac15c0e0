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

#[tokio::test]
async fn status_and_word_disagree_or_agree_that_it_is_bad() {
    for (fault, status, word) in [
        (FaultId::HealthUnhealthy, 503, "unhealthy"),
        (FaultId::HealthHealthyAs503, 503, "healthy"),
        (FaultId::HealthUnhealthyAs200, 200, "unhealthy"),
    ] {
        let service = start(fault).await;
        let (seen, health) = get(&service, "/health").await;
        assert_eq!((seen, health["status"].as_str()), (status, Some(word)), "{fault}");
    }
}

#[tokio::test]
async fn health_is_not_for_machines() {
    let service = start(FaultId::HealthNeedsAuth).await;
    assert_eq!(send(service.request("GET", "/health")).await.status(), 401);
    let service = start(FaultId::HealthRedirects).await;
    assert_eq!(send(service.request("GET", "/health")).await.status(), 302);
    let service = start(FaultId::HealthHeadMissing).await;
    assert_eq!(send(service.request("HEAD", "/health")).await.status(), 404);
    assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
    for (fault, other) in [(FaultId::HealthIsAPage, false), (FaultId::WrongService, true)] {
        let service = start(fault).await;
        let health = send(service.request("GET", "/health")).await;
        assert_eq!(
            header(&health, "content-type"),
            "text/html; charset=utf-8",
            "{fault}"
        );
        let info = send(service.request("GET", "/info")).await;
        assert_eq!(
            header(&info, "content-type").starts_with("text/html"),
            other,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn health_says_too_much_or_too_little() {
    let service = start(FaultId::HealthShowsInternals).await;
    let (_, health) = get(&service, "/health").await;
    assert!(
        health["last_database_error"]
            .as_str()
            .unwrap()
            .contains("10.0.3.7")
    );
    let service = start(FaultId::VersionAbsent).await;
    let response = send(service.request("GET", "/info")).await;
    assert_eq!(header(&response, "x-app-version"), "unknown");
    let info: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        (info["version"].as_str(), info.get("commit")),
        (Some("unknown"), None)
    );
}

#[tokio::test]
async fn health_alternates() {
    let service = start(FaultId::HealthFlaps).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(get(&service, "/health").await.0);
    }
    assert_eq!(seen, [200, 503, 200, 503]);
}

#[tokio::test]
async fn health_takes_its_time() {
    let within = std::time::Duration::from_millis(400);
    for fault in [FaultId::HealthSlow, FaultId::HealthPays] {
        let mut settings = super::with(fault);
        settings.faults.delay = std::time::Duration::from_secs(6);
        let service = crate::support::start_with(settings).await;
        let asked = tokio::time::timeout(within, send(service.request("GET", "/health"))).await;
        assert!(asked.is_err(), "{fault} answered at once");
        let other = tokio::time::timeout(within, send(service.request("GET", "/info"))).await;
        assert!(other.is_ok(), "{fault} slows everything");
    }
    let mut settings = super::with(FaultId::HealthBlocked);
    settings.faults.delay = std::time::Duration::from_secs(12);
    let service = crate::support::start_with(settings).await;
    let work = tokio::spawn(accepted(&service).send());
    let during = async {
        loop {
            let asked = tokio::time::timeout(within, send(service.request("GET", "/health"))).await;
            if asked.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(within * 10, during)
        .await
        .expect("health waits behind the work");
    assert!(work.await.unwrap().unwrap().status().is_success());
}
