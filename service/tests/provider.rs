//! The client against the simulator, over real sockets: what works, and each way of failing.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside what clippy takes for a test"
)]

use std::time::Duration;

use bytes::Bytes;
use orchestrate::domain::audio::inspect;
use orchestrate::domain::budget::Budget;
use orchestrate::domain::concepts::{ConceptRequest, Concepts, default_categories};
use orchestrate::domain::provider::{Clip, Provider, ProviderError, ProviderKind, Transcript};
use orchestrate::providers::openai::OpenAi;
use orchestrate::providers::openai::settings::OpenAiSettings;
use orchestrate::providers::simulator::mode::Mode;
use orchestrate::providers::simulator::{Calls, KEY, Simulator, SimulatorSettings};
use orchestrate::secret::Secret;

const KITCHEN: &[u8] = include_bytes!("../../scenarios/samples/kitchen.wav");
const TERRACE: &[u8] = include_bytes!("../../scenarios/samples/terrace.wav");

/// A budget that no test uses up.
fn ample() -> Budget {
    Budget::of(Duration::from_secs(300))
}

fn start(mode: Mode) -> (Simulator, OpenAi) {
    // Long enough for a busy machine, unless the answer never comes.
    let never = matches!(mode, Mode::Hangs | Mode::SlowDrip);
    let deadline = Duration::from_millis(if never { 100 } else { 30_000 });
    let simulator = Simulator::start(SimulatorSettings {
        latency: Duration::ZERO,
        mode,
    })
    .unwrap();
    let mut settings = OpenAiSettings::new(ProviderKind::Simulator, simulator.base_url(), Secret::new(KEY));
    settings.total_deadline = deadline;
    settings.check_deadline = deadline;
    (simulator, OpenAi::new(settings).unwrap())
}

fn clip(wav: &'static [u8]) -> Clip {
    let facts = inspect(wav).unwrap();
    Clip {
        bytes: Bytes::from_static(wav),
        container: facts.container,
        duration: facts.duration,
    }
}

async fn hear(client: &dyn Provider, wav: &'static [u8]) -> Result<Transcript, ProviderError> {
    client
        .transcribe(clip(wav), Some("en".parse().unwrap()), ample())
        .await
}

async fn read(client: &dyn Provider, text: &str) -> Result<Concepts, ProviderError> {
    let categories = default_categories("restaurant")
        .iter()
        .map(ToString::to_string)
        .collect();
    client
        .concepts(
            ConceptRequest {
                text: text.to_owned(),
                entity_type: "restaurant".to_owned(),
                categories,
            },
            ample(),
        )
        .await
}

#[tokio::test]
async fn each_sample_is_heard_as_what_it_says_and_read_as_what_it_means() {
    let (simulator, client) = start(Mode::Healthy);
    assert_eq!(client.check().await, Ok(()));
    assert_eq!(simulator.calls(), Calls::default());
    let kitchen = hear(&client, KITCHEN).await.unwrap();
    let terrace = hear(&client, TERRACE).await.unwrap();
    assert_eq!(kitchen.text, "The kitchen closes at ten.");
    assert_eq!(terrace.text, "The terrace serves grilled fish at sunset.");
    assert_eq!(kitchen.language.as_deref(), Some("english"));
    assert!((kitchen.duration - 2.137).abs() < 0.01, "{}", kitchen.duration);
    let seen = (
        read(&client, &kitchen.text).await.unwrap(),
        read(&client, &terrace.text).await.unwrap(),
    );
    assert!(!seen.0.concepts.is_empty() && !seen.1.concepts.is_empty());
    assert_ne!(seen.0.concepts, seen.1.concepts);
    assert_eq!(
        simulator.calls(),
        Calls {
            transcriptions: 2,
            completions: 2
        }
    );
    let facts = client.describe();
    assert_eq!(
        (facts.kind, facts.host.as_str()),
        (ProviderKind::Simulator, "127.0.0.1")
    );
}

#[tokio::test]
async fn what_cannot_be_decoded_and_what_is_not_spoken_is_refused_as_the_caller_s_to_mend() {
    let (_simulator, client) = start(Mode::Healthy);
    let damaged = Clip {
        bytes: Bytes::from_static(b"Hello World"),
        ..clip(KITCHEN)
    };
    let error = client.transcribe(damaged, None, ample()).await.unwrap_err();
    assert_eq!(
        (error, error.status().as_u16(), error.code()),
        (ProviderError::AudioRefused, 400, "audio_refused")
    );
    let error = client
        .transcribe(clip(KITCHEN), Some("xx".parse().unwrap()), ample())
        .await
        .unwrap_err();
    assert_eq!(
        (error, error.status().as_u16()),
        (ProviderError::LanguageRefused, 400)
    );
    let spoken = client
        .transcribe(clip(KITCHEN), Some("pt-BR".parse().unwrap()), ample())
        .await;
    assert_eq!(spoken.unwrap().language.as_deref(), Some("portuguese"));
}

#[tokio::test]
async fn each_way_of_failing_is_told_from_the_others() {
    for (mode, code, status, retry_after) in [
        (
            Mode::RateLimited {
                retry_after: Some(Duration::from_secs(7)),
            },
            "provider_rate_limited",
            503,
            Some(7),
        ),
        (
            Mode::RateLimited { retry_after: None },
            "provider_rate_limited",
            503,
            Some(10),
        ),
        (Mode::QuotaExhausted, "provider_quota_exhausted", 503, Some(300)),
        (Mode::PaymentRequired, "provider_quota_exhausted", 503, Some(300)),
        (Mode::ModelRefused, "provider_request_refused", 502, Some(300)),
        (Mode::SlowDrip, "provider_timeout", 504, Some(10)),
        (Mode::KeyRefused, "provider_credentials_refused", 502, Some(300)),
        (Mode::ServerError, "provider_unavailable", 503, Some(10)),
        (Mode::Unavailable, "provider_unavailable", 503, Some(10)),
        (Mode::Hangs, "provider_timeout", 504, Some(10)),
        (Mode::TruncatedJson, "provider_invalid_answer", 502, Some(10)),
        (Mode::WrongContentType, "provider_invalid_answer", 502, Some(10)),
    ] {
        let (simulator, client) = start(mode.clone());
        let heard = hear(&client, KITCHEN).await.unwrap_err();
        let seen = read(&client, "The terrace is quiet.").await.unwrap_err();
        for error in [heard, seen] {
            let wait = error.retry_after().map(|wait| wait.as_secs());
            assert_eq!(
                (error.code(), error.status().as_u16(), wait),
                (code, status, retry_after),
                "{mode:?}"
            );
        }
        assert_eq!(
            simulator.calls(),
            Calls {
                transcriptions: 1,
                completions: 1
            },
            "one attempt each, {mode:?}"
        );
    }
}

#[tokio::test]
async fn a_check_sees_what_breaks_every_call_and_not_what_breaks_paid_ones() {
    for (mode, wanted) in [
        (Mode::KeyRefused, Some("provider_credentials_refused")),
        (Mode::Unavailable, Some("provider_unavailable")),
        (Mode::Hangs, Some("provider_timeout")),
        (Mode::QuotaExhausted, None),
        (Mode::ServerError, None),
    ] {
        let (simulator, client) = start(mode.clone());
        assert_eq!(
            client.check().await.err().map(|error| error.code()),
            wanted,
            "{mode:?}"
        );
        assert_eq!(simulator.calls(), Calls::default());
    }
}

#[tokio::test]
async fn some_failures_look_like_success_until_the_answer_is_read() {
    let (simulator, client) = start(Mode::EmptyTranscript);
    assert_eq!(hear(&client, KITCHEN).await.unwrap().text, "");
    simulator.set_mode(Mode::CannedTranscript("Same for all.".to_owned()));
    assert_eq!(
        hear(&client, KITCHEN).await.unwrap().text,
        hear(&client, TERRACE).await.unwrap().text
    );
    simulator.set_mode(Mode::NonJsonConcepts);
    assert_eq!(
        read(&client, "Quiet.").await.unwrap_err().code(),
        "provider_invalid_answer"
    );
    simulator.set_mode(Mode::Healthy);
    assert!(!read(&client, "Quiet terrace.").await.unwrap().concepts.is_empty());
}

#[tokio::test]
async fn a_slow_provider_is_a_timeout_for_paid_calls_though_a_check_finds_it_well() {
    let slow = SimulatorSettings {
        latency: Duration::from_secs(600),
        mode: Mode::Healthy,
    };
    let simulator = Simulator::start(slow).unwrap();
    let mut settings = OpenAiSettings::new(ProviderKind::Simulator, simulator.base_url(), Secret::new(KEY));
    settings.total_deadline = Duration::from_millis(100);
    settings.check_deadline = Duration::from_secs(30);
    let client = OpenAi::new(settings).unwrap();
    assert_eq!(client.check().await, Ok(()));
    assert_eq!(hear(&client, KITCHEN).await, Err(ProviderError::Timeout));
}
