//! What is made of a provider that fails, and what calls to it cost.

use std::time::Duration;

use orchestrate::faults::id::FaultId;
use serde_json::{Value, json};

use super::{KITCHEN, accepted, body, clip, has, send, start, with};
use crate::support::{Service, start_with};

/// A call that the provider refuses for its language.
fn volapuk(service: &Service) -> reqwest::RequestBuilder {
    use base64::Engine;
    let audio = base64::engine::general_purpose::STANDARD.encode(KITCHEN);
    service.orchestrate(&json!({"audio_file": audio, "language": "vo"}))
}

fn detail(answer: &Value) -> &str {
    answer["detail"].as_str().unwrap()
}

#[tokio::test]
async fn the_provider_s_401_is_passed_on() {
    let service = start(FaultId::ProviderKeyShownAs401).await;
    assert_eq!(send(accepted(&service)).await.status(), 401);
    assert_eq!(send(service.orchestrate(&json!({}))).await.status(), 400);
}

#[tokio::test]
async fn a_provider_that_is_late_is_a_500() {
    let mut settings = with(FaultId::ProviderTimeoutAs500);
    settings.faults.delay = Duration::from_secs(1);
    let service = start_with(settings).await;
    let answer = body(accepted(&service)).await;
    assert_eq!(
        (answer["status"].as_u64(), detail(&answer).contains("timed out")),
        (Some(500), true)
    );
    assert_eq!(send(service.request("GET", "/ai/health")).await.status(), 200);
}

#[tokio::test]
async fn a_provider_that_is_late_is_given_up_on_and_said_to_be() {
    let mut settings = with(FaultId::ProviderLate);
    settings.faults.delay = Duration::from_secs(1);
    let service = start_with(settings).await;
    let response = send(accepted(&service)).await;
    assert_eq!(response.status(), 504);
    assert!(has(&response, "retry-after"));
}

#[tokio::test]
async fn an_outage_is_an_empty_success() {
    let service = start(FaultId::ProviderDownEmpty).await;
    let answer = body(clip(&service, KITCHEN)).await;
    assert_eq!(answer["results"]["transcription"]["text"], "");
    assert_eq!(send(service.request("GET", "/ai/health")).await.status(), 503);
}

#[tokio::test]
async fn a_refusal_of_the_provider_shows_too_much() {
    let leaking = start(FaultId::ProviderKeyLeak).await;
    let answer = body(volapuk(&leaking)).await;
    assert!(answer["status"] == 400 && detail(&answer).contains("api_key=sk-proj-"));
    let talking = start(FaultId::ProviderWordsPassed).await;
    let answer = body(volapuk(&talking)).await;
    assert!(answer["status"] == 400 && detail(&answer).contains("org-"));
    for service in [leaking, talking] {
        assert_eq!(send(accepted(&service)).await.status(), 200);
    }
}

#[tokio::test]
async fn without_a_key_the_route_fails_for_everybody() {
    let service = start(FaultId::ProviderNotConfigured).await;
    let stranger = service.request("POST", "/ai/orchestrate").json(&json!({}));
    for request in [accepted(&service), stranger] {
        assert_eq!(send(request).await.status(), 500);
    }
    assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
}

#[tokio::test]
async fn a_used_up_quota_is_a_503_that_says_when_somebody_may_have_paid() {
    let service = start(FaultId::ProviderQuotaGone).await;
    let response = send(accepted(&service)).await;
    assert_eq!(
        (response.status().as_u16(), has(&response, "retry-after")),
        (503, true)
    );
}

#[tokio::test]
async fn a_mock_names_itself() {
    let service = start(FaultId::MockLeftOn).await;
    let answer = body(accepted(&service)).await;
    assert_eq!(answer["results"]["concepts"]["model"], "mock-llm");
}

#[tokio::test]
async fn nobody_says_when_to_try_again() {
    let service = start(FaultId::RetryAfterMissing).await;
    let response = send(accepted(&service)).await;
    assert_eq!(
        (response.status().as_u16(), has(&response, "retry-after")),
        (503, false)
    );
}

/// Whatever the provider does, the caller is told whose fault it is, with a code of its own.
#[tokio::test]
async fn a_provider_that_fails_is_told_apart() {
    for (fault, status, code) in [
        (FaultId::ProviderKeyRefused, 502, "provider_credentials_refused"),
        (FaultId::ProviderAsksForMoney, 503, "provider_quota_exhausted"),
        (FaultId::ProviderLimits, 503, "provider_rate_limited"),
        (FaultId::ProviderCrashes, 503, "provider_unavailable"),
        (FaultId::ProviderDrips, 504, "provider_timeout"),
        (FaultId::ProviderCutShort, 502, "provider_invalid_answer"),
        (FaultId::ProviderSendsPage, 502, "provider_invalid_answer"),
        (FaultId::ProviderModelGone, 502, "provider_request_refused"),
    ] {
        let mut settings = with(fault);
        settings.faults.delay = Duration::from_secs(1);
        let service = start_with(settings).await;
        let answer = body(accepted(&service)).await;
        assert_eq!(
            (answer["status"].as_u64(), answer["code"].as_str()),
            (Some(status), Some(code)),
            "{fault}"
        );
    }
}

/// How many completions the simulator has seen.
async fn asked(service: &Service) -> u64 {
    let counted = body(service.request("GET", "/stand-in")).await;
    counted["completions"].as_u64().unwrap()
}

#[tokio::test]
async fn calls_cost_more_than_one() {
    for (fault, status, cost) in [(FaultId::RetryStorm, 503, 6), (FaultId::ChargedTwice, 200, 2)] {
        let service = start(fault).await;
        assert_eq!(asked(&service).await, 0);
        assert_eq!(send(accepted(&service)).await.status(), status);
        assert_eq!(asked(&service).await, cost, "{fault}");
    }
}
