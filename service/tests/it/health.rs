//! What the health routes say, and that they measure it.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use orchestrate::domain::provider::ProviderError;
use orchestrate::storage::sqlite::Location;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    Behaviour, Service, expect_problem, header, json as read, settings, start, start_against, start_bad,
    start_with,
};

async fn get(service: &Service, path: &str) -> (u16, Value) {
    read(service.request("GET", path).send().await.unwrap()).await
}

#[tokio::test]
async fn health_is_measured_and_dated_and_what_it_says_is_at_most_a_second_old() {
    let service = start().await;
    let response = service.request("GET", "/health").send().await.unwrap();
    assert_eq!(header(&response, "cache-control"), "no-store");
    let (status, first) = read(response).await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(
        (&first["database"], &first["provider"]),
        (&json!("connected"), &json!("reachable"))
    );
    for part in ["database", "provider"] {
        assert!(first["latency_ms"][part].as_f64().unwrap() > 0.0, "{first}");
    }
    let time = |body: &Value| body["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(first["timestamp"].as_str().unwrap().ends_with('Z'));
    loop {
        let asked = Timestamp::now();
        let (_, body) = get(&service, "/health").await;
        let age = asked.duration_since(time(&body));
        assert!(age.as_millis() <= 1_000, "{age:?} old");
        if time(&first) < time(&body) {
            break;
        }
    }
}

#[tokio::test]
async fn a_hundred_probes_at_once_ask_the_provider_once_and_so_does_whoever_comes_within_a_second() {
    let provider = MockServer::start().await;
    let models =
        json!({"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "o"}]});
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_millis(300));
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .respond_with(slow.set_body_json(models))
        .mount(&provider)
        .await;
    let service = start_against(&provider).await;
    let probes = (0..100).map(|_| service.request("GET", "/health").send());
    let began = Instant::now();
    for answer in futures_util::future::join_all(probes).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
    for _ in 0..20 {
        assert_eq!(get(&service, "/health").await.0, 200);
    }
    let calls = provider.received_requests().await.unwrap().len();
    let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
    assert!(calls <= 1 + seconds, "{calls} calls in {seconds} s");
}

#[tokio::test]
async fn alive_means_that_the_process_answers_and_touches_nothing() {
    let service = start_bad(Behaviour::Panics).await;
    let (status, body) = get(&service, "/livez").await;
    assert_eq!((status, body), (200, json!({"status": "alive"})));
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
    let body = until_unhealthy(&service).await;
    assert_eq!(
        (body["status"].as_str(), body["database"].as_str()),
        (Some("unhealthy"), Some("gone"))
    );
    assert_eq!(body["provider"], "reachable");
    assert_eq!(get(&service, "/livez").await.0, 200);
    let (status, body) = get(&service, "/ready").await;
    assert_eq!((status, body["status"].as_str()), (503, Some("not_ready")));
    let (status, body) = get(&service, "/ai/health").await;
    assert_eq!((status, body["checks"]["database"].as_str()), (503, Some("gone")));
    let save = json!({"text": "Good fish.", "output": {"save_to_db": true}});
    expect_problem(service.orchestrate(&save), 503, "database_unavailable").await;
}

/// What health says once it is not well. It may tell for a second what it measured before.
async fn until_unhealthy(service: &Service) -> Value {
    let began = Instant::now();
    loop {
        let (status, body) = get(service, "/health").await;
        if status == 503 {
            return body;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "still well: {body}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_failing_provider_is_health_s_and_ai_health_s_to_say_and_not_readiness_s() {
    let service = start_bad(Behaviour::Fails(ProviderError::CredentialsRefused)).await;
    let (status, body) = get(&service, "/health").await;
    assert_eq!((status, body["status"].as_str()), (503, Some("unhealthy")));
    assert_eq!(body["provider"], "provider_credentials_refused");
    assert_eq!(body["database"], "connected");
    let (status, body) = get(&service, "/ai/health").await;
    assert_eq!((status, body["status"].as_str()), (503, Some("unhealthy")));
    assert_eq!(body["checks"]["provider"], "provider_credentials_refused");
    assert_eq!(get(&service, "/ready").await.0, 200);
    assert_eq!(get(&service, "/livez").await.0, 200);
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
