//! What the health routes say, and that they measure it.

use jiff::Timestamp;
use orchestrate::domain::provider::ProviderError;
use orchestrate::storage::sqlite::Location;
use serde_json::{Value, json};

use crate::support::{
    Behaviour, Service, expect_problem, header, json as read, settings, start, start_bad, start_with,
};

async fn get(service: &Service, path: &str) -> (u16, Value) {
    read(service.request("GET", path).send().await.unwrap()).await
}

#[tokio::test]
async fn health_is_measured_and_dated_when_it_is_asked() {
    let service = start().await;
    let response = service.request("GET", "/health").send().await.unwrap();
    assert_eq!(header(&response, "cache-control"), "no-store");
    let (_, first) = read(response).await;
    let (_, second) = get(&service, "/health").await;
    let time = |body: &Value| body["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(time(&first) < time(&second) && time(&second) <= Timestamp::now());
    assert!(first["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_deleted_database_is_noticed_by_body_and_status() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone.db");
    let mut settings = settings();
    settings.database = Location::File(path.clone()).into();
    let service = start_with(settings).await;
    assert_eq!(get(&service, "/health").await.0, 200);
    std::fs::remove_file(path).unwrap();
    let (status, body) = get(&service, "/health").await;
    assert_eq!(
        (status, body["status"].as_str(), body["database"].as_str()),
        (503, Some("unhealthy"), Some("gone"))
    );
    let (status, body) = get(&service, "/ready").await;
    assert_eq!((status, body["status"].as_str()), (503, Some("not_ready")));
    let (status, body) = get(&service, "/ai/health").await;
    assert_eq!((status, body["checks"]["database"].as_str()), (503, Some("gone")));
    let save = json!({"text": "Good fish.", "output": {"save_to_db": true}});
    expect_problem(service.orchestrate(&save), 503, "database_unavailable").await;
}

#[tokio::test]
async fn a_failing_provider_is_ai_health_s_to_say_and_not_readiness_s() {
    let service = start_bad(Behaviour::Fails(ProviderError::CredentialsRefused)).await;
    let (status, body) = get(&service, "/ai/health").await;
    assert_eq!((status, body["status"].as_str()), (503, Some("unhealthy")));
    assert_eq!(body["checks"]["provider"], "provider_credentials_refused");
    assert_eq!(get(&service, "/ready").await.0, 200);
    assert_eq!(get(&service, "/health").await.0, 200);
}

#[tokio::test]
async fn info_names_build_and_instance_as_the_headers_do() {
    let (one, other) = (start().await, start().await);
    let response = one.request("GET", "/info").send().await.unwrap();
    let (version, instance) = (
        header(&response, "x-app-version").to_owned(),
        header(&response, "x-instance-id").to_owned(),
    );
    let (_, info) = read(response).await;
    assert_eq!(info["name"], "orchestrate");
    assert_eq!(info["instance"], instance);
    assert!(
        version.starts_with(info["version"].as_str().unwrap()),
        "{version}"
    );
    assert!(info["built_at"].as_str().unwrap().parse::<Timestamp>().is_ok());
    assert_ne!(get(&other, "/info").await.1["instance"], info["instance"]);
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let service = start().await;
    let (status, document) = get(&service, "/openapi.json").await;
    assert_eq!(status, 200);
    assert!(
        document["paths"]["/ai/orchestrate"]["post"]["responses"]
            .get("500")
            .is_none()
    );
    let page = service.request("GET", "/docs").send().await.unwrap();
    assert!(header(&page, "content-type").starts_with("text/html"));
    assert!(page.text().await.unwrap().contains("/ai/orchestrate"));
}
