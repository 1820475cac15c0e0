//! What was used is counted in the database: requests, failures, refusals and seconds of audio, each caller's own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::domain::provider::ProviderError;
use serde_json::{Value, json};

use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    Behaviour, Service, Shelf, expect_problem, json, settings, start_against, start_bad_with, start_with,
};

const KITCHEN: &[u8] = include_bytes!("../../../scenarios/samples/kitchen.wav");

async fn stats(service: &Service, query: &str) -> Value {
    let request = service.request("GET", &format!("/ai/usage-stats{query}"));
    let (status, body) = json(request.bearer_auth(service.token()).send().await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn a_day_has_what_was_asked_and_a_restart_forgets_nothing() {
    let shelf = Shelf::new().await;
    let file = shelf.with(settings());
    let service = start_with(file.clone()).await;
    assert_eq!(
        stats(&service, "").await["total"]["requests"],
        0,
        "nothing is counted before anything is asked"
    );
    let (_, heard) = json(
        service
            .orchestrate(&json!({"audio_file": STANDARD.encode(KITCHEN)}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let seconds = heard["results"]["transcription"]["duration"].as_f64().unwrap();
    assert_eq!(
        service
            .orchestrate(&json!({"text": "Quiet."}))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    expect_problem(
        service.orchestrate(&json!({"workflow_type": "nope"})),
        400,
        "workflow_unknown",
    )
    .await;
    service.running.shutdown().await.unwrap();

    let bad = start_bad_with(file, Behaviour::Fails(ProviderError::QuotaExhausted)).await;
    assert_eq!(
        bad.orchestrate(&json!({"text": "Quiet."}))
            .send()
            .await
            .unwrap()
            .status(),
        503
    );
    let today = jiff::tz::TimeZone::UTC
        .to_datetime(jiff::Timestamp::now())
        .date()
        .to_string();
    let seen = stats(&bad, "?days=1").await;
    let total = &seen["total"];
    assert_eq!(
        (&total["requests"], &total["failed"], &total["refused"]),
        (&json!(4), &json!(1), &json!(1)),
        "{seen}"
    );
    assert!(
        (total["audio_seconds"].as_f64().unwrap() - seconds).abs() < 0.01,
        "{seen}"
    );
    // Unless midnight passed meanwhile.
    if seen["to"] == today.as_str() && seen["days"].as_array().unwrap().len() == 1 {
        assert_eq!(seen["days"][0], json!({"day": today, "counts": total}));
        assert_eq!(seen["from"], today.as_str());
    }
}

#[tokio::test]
async fn seconds_that_were_paid_for_are_counted_though_nothing_came_of_the_rest() {
    let provider = MockServer::start().await;
    let heard = json!({"text": "The grilled fish was wonderful.", "duration": 2.5, "language": "english"});
    Mock::given(path("/v1/audio/transcriptions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(heard))
        .mount(&provider)
        .await;
    Mock::given(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(500))
        .mount(&provider)
        .await;
    let service = start_against(&provider).await;
    let spoken = json!({"audio_file": STANDARD.encode(KITCHEN)});
    expect_problem(service.orchestrate(&spoken), 503, "provider_unavailable").await;
    let seen = stats(&service, "").await;
    assert_eq!(
        (&seen["total"]["failed"], &seen["total"]["audio_seconds"]),
        (&json!(1), &json!(2.5)),
        "{seen}"
    );
}

#[tokio::test]
async fn a_crash_is_counted_as_a_failure() {
    let service = start_bad_with(settings(), Behaviour::Panics).await;
    assert_eq!(
        service
            .orchestrate(&json!({"text": "Quiet."}))
            .send()
            .await
            .unwrap()
            .status(),
        500
    );
    assert_eq!(stats(&service, "").await["total"]["failed"], 1);
}

#[tokio::test]
async fn nobody_sees_another_s_and_nobody_without_a_credential() {
    let service = start_with(settings()).await;
    service
        .orchestrate(&json!({"text": "Quiet."}))
        .send()
        .await
        .unwrap();
    let ben = orchestrate::auth::mint::TokenRequest::access("ben");
    let ben = orchestrate::auth::mint::mint(&service.settings.auth, &ben).unwrap();
    let (_, seen) = json(
        service
            .request("GET", "/ai/usage-stats")
            .bearer_auth(ben)
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (&seen["total"]["requests"], &seen["days"]),
        (&json!(0), &json!([]))
    );
    expect_problem(service.request("GET", "/ai/usage-stats"), 401, "token_missing").await;
    for days in ["0", "367", "-1", "x", ""] {
        let request = service.request("GET", &format!("/ai/usage-stats?days={days}"));
        expect_problem(request.bearer_auth(service.token()), 422, "parameter_invalid").await;
    }
}
