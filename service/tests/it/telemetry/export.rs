//! Spans to a collector, from the real binary.

use std::process::Command;

use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{KEY, TRACE, WORDS, failed, heard, log_of, orchestrate, refusing, token};
use crate::binary::Binary;

/// Whether bytes hold other bytes, as protobuf keeps texts and ids.
fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn spans_leave_for_the_collector_before_the_process_does() {
    let collector = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/traces"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&collector)
        .await;
    let provider = refusing().await;
    let base = format!("{}/v1", provider.uri());
    let variables = [
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_BASE_URL", &*base),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.uri()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=concierge"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"),
    ];
    let binary = Binary::start(&[], &variables);
    let token = token();
    let id = failed(
        orchestrate(&binary, &token, &json!({"text": WORDS})),
        502,
        "provider_credentials_refused",
    )
    .await;
    let (parents, _) = heard(&provider).await;
    let token = token.clone();
    tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();
    let exported = collector.received_requests().await.unwrap();
    assert!(!exported.is_empty(), "nothing was exported");
    assert!(
        exported
            .iter()
            .all(|request| request.headers["x-team"] == "concierge")
    );
    let spans: Vec<u8> = exported.iter().flat_map(|request| request.body.clone()).collect();
    let bytes = |hex: &str| u128::from_str_radix(hex, 16).unwrap().to_be_bytes();
    assert!(holds(&spans, &bytes(TRACE)), "the trace of the caller");
    assert!(
        holds(&spans, &bytes("00f067aa0ba902b7")[8..]),
        "the span of the caller, as the parent"
    );
    let span = parents[0].split('-').nth(2).unwrap();
    assert!(
        holds(&spans, &bytes(span)[8..]),
        "the span that the provider was told of"
    );
    for text in [
        "orchestrate",
        "service.version",
        "deployment.environment",
        &id,
        "POST /api/v3/ai/orchestrate",
    ] {
        assert!(holds(&spans, text.as_bytes()), "{text}");
    }
    for secret in [KEY, WORDS] {
        assert!(!holds(&spans, secret.as_bytes()), "{secret}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_nobody_anything_and_is_told_of_once() {
    // A port that nobody listens on.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("http://{nobody}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &*endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
    ];
    let binary = Binary::start(&[], &variables);
    let token = token();
    let mut told = Vec::new();
    // Until it was noticed, and some more spans after that.
    while told.len() < 5 {
        let answer = orchestrate(&binary, &token, &json!({"text": WORDS}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let line = binary.line().unwrap();
        if !told.is_empty() || line.contains("collector") {
            told.push(line);
        }
    }
    let rest = tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();
    let about = told.iter().chain(&rest).filter(|line| line.contains("collector"));
    assert_eq!(about.count(), 1, "{told:?} {rest:?}");
}

#[test]
fn a_standard_variable_that_cannot_be_taken_is_refused_at_boot() {
    let output = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["serve", "--dev", "--port", "0"])
        .env_clear()
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")
        .env("OTEL_TRACES_SAMPLER", "sometimes")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for mistake in ["2 mistakes", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER"] {
        assert!(said.contains(mistake), "{mistake}: {said}");
    }
}
