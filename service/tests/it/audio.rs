//! Recordings: real speech in, its words out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::domain::provider::ProviderError;
use serde_json::{Value, json};

use crate::support::{Behaviour, Service, expect_problem, header, json as read, start, start_bad};

const KITCHEN: &[u8] = include_bytes!("../../../scenarios/samples/kitchen.wav");
const TERRACE: &[u8] = include_bytes!("../../../scenarios/samples/terrace.wav");

async fn transcribe(service: &Service, audio: &str) -> Value {
    let body = json!({"audio_file": audio, "language": "en"});
    let (status, answer) = read(service.orchestrate(&body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
    answer["results"].clone()
}

#[tokio::test]
async fn two_clips_have_two_transcripts_and_their_concepts() {
    let service = start().await;
    let kitchen = transcribe(&service, &STANDARD.encode(KITCHEN)).await;
    let terrace = transcribe(&service, &STANDARD.encode(TERRACE)).await;
    let text = |results: &Value| results["transcription"]["text"].as_str().unwrap().to_owned();
    assert!(text(&kitchen).contains("kitchen"), "{kitchen}");
    assert_ne!(text(&kitchen), text(&terrace));
    assert!(kitchen["transcription"]["duration"].as_f64().unwrap() > 0.5);
    assert!(kitchen["transcription"]["transcription_id"].is_string());
    assert!(
        !kitchen["concepts"]["concepts"].as_array().unwrap().is_empty(),
        "{kitchen}"
    );
}

#[tokio::test]
async fn a_data_url_is_a_recording_too() {
    let service = start().await;
    let url = format!("data:audio/wav;base64,{}", STANDARD.encode(KITCHEN));
    assert!(transcribe(&service, &url).await["transcription"]["text"].is_string());
}

#[tokio::test]
async fn a_failing_provider_is_502_503_or_504_and_never_its_own_words() {
    let cases = [
        (
            ProviderError::RateLimited {
                retry_after: Some(std::time::Duration::from_secs(7)),
            },
            503,
            "7",
        ),
        (ProviderError::QuotaExhausted, 503, "300"),
        (ProviderError::CredentialsRefused, 502, "300"),
        (ProviderError::Timeout, 504, "10"),
        (ProviderError::AudioRefused, 400, ""),
        (ProviderError::LanguageRefused, 400, ""),
    ];
    for (error, status, retry_after) in cases {
        let service = start_bad(Behaviour::Fails(error)).await;
        let request = || service.orchestrate(&json!({"audio_file": STANDARD.encode(KITCHEN)}));
        expect_problem(request(), status, error.code()).await;
        assert_eq!(
            header(&request().send().await.unwrap(), "retry-after"),
            retry_after,
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_says_nothing() {
    let service = start_bad(Behaviour::Panics).await;
    let problem = expect_problem(service.orchestrate(&json!({"text": "x"})), 500, "internal_error").await;
    assert!(!problem.to_string().contains("test provider"), "{problem}");
}
