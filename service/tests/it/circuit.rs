//! The circuit before the AI provider, as whoever calls and whoever watches sees it.

use std::time::Duration;

use orchestrate::config::Settings;
use orchestrate::providers::breaker::BreakerPolicy;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockGuard, MockServer, ResponseTemplate};

use crate::support::{Service, against, expect_problem, found, header, json, settings, start_with};

const REST: Duration = Duration::from_millis(1_500);

/// A provider that can be looked for, and no more.
async fn provider() -> MockServer {
    let provider = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"object": "list", "data": []})))
        .mount(&provider)
        .await;
    provider
}

/// What it answers to paid calls, until this is dropped.
async fn paid(provider: &MockServer, answer: ResponseTemplate) -> MockGuard {
    let paid = Mock::given(method("POST")).and(path("/v1/chat/completions"));
    paid.respond_with(answer).mount_as_scoped(provider).await
}

/// What `/ai/health` says: its status, and the circuit's.
async fn watched(service: &Service) -> (u16, Value) {
    let answer = service.request("GET", "/ai/health").send().await.unwrap();
    let (status, body) = json(answer).await;
    (status, body["checks"]["circuit"].clone())
}

fn words() -> Value {
    json!({"text": "A quiet terrace."})
}

#[tokio::test]
async fn a_provider_that_fails_in_a_row_is_left_alone_for_a_while_and_everybody_can_see_it() {
    let provider = provider().await;
    let service = start_with(Settings {
        breaker: BreakerPolicy {
            failures: 2,
            rest: REST,
        },
        ..against(settings(), &provider)
    })
    .await;
    assert_eq!(watched(&service).await, (200, json!("closed")));

    let failing = paid(&provider, ResponseTemplate::new(500)).await;
    for _ in 0..2 {
        expect_problem(service.orchestrate(&words()), 503, "provider_unavailable").await;
    }
    // Nothing is wrong with what health asks, and it says so; the circuit is told beside it.
    assert_eq!(watched(&service).await, (200, json!("open")));
    for _ in 0..3 {
        let refused = service.orchestrate(&words()).send().await.unwrap();
        let after: u64 = header(&refused, "retry-after").parse().unwrap();
        assert!((1..=2).contains(&after), "{after}");
        expect_problem(service.orchestrate(&words()), 503, "provider_circuit_open").await;
    }
    assert_eq!(
        failing.received_requests().await.len(),
        2,
        "nobody is paid meanwhile"
    );
    drop(failing);

    let _well = paid(&provider, found()).await;
    tokio::time::sleep(REST).await;
    assert_eq!(watched(&service).await, (200, json!("half_open")));
    assert_eq!(service.orchestrate(&words()).send().await.unwrap().status(), 200);
    assert_eq!(watched(&service).await, (200, json!("closed")));
}
