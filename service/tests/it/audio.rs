//! Recordings: real speech in, its words out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::domain::provider::ProviderError;
use serde_json::{Value, json};

use crate::support::{
    Behaviour, Service, expect_problem, header, json as read, settings, start, start_bad, start_bad_with,
    start_with,
};

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

/// One half-second tone in each container but WAV.
const TONES: [(&str, &[u8]); 6] = [
    ("audio/flac", include_bytes!("../audio/tone.flac")),
    ("audio/mpeg", include_bytes!("../audio/tone.mp3")),
    ("audio/ogg", include_bytes!("../audio/vorbis.ogg")),
    ("audio/ogg;codecs=opus", include_bytes!("../audio/opus.ogg")),
    ("audio/webm;codecs=opus", include_bytes!("../audio/live.webm")),
    ("audio/x-m4a", include_bytes!("../audio/tone.m4a")),
];

#[tokio::test]
async fn every_container_is_heard_under_its_own_label() {
    let service = start().await;
    for (label, bytes) in TONES {
        let url = format!("data:{label};base64,{}", STANDARD.encode(bytes));
        let seconds = transcribe(&service, &url).await["transcription"]["duration"].as_f64();
        assert!((0.4..0.6).contains(&seconds.unwrap()), "{label}: {seconds:?}");
    }
}

/// The kitchen's format, without its comment, and as many samples of nothing.
fn nothing(samples: usize) -> Vec<u8> {
    let mut wav = [&KITCHEN[..36], b"data"].concat();
    wav.extend((samples as u32 * 2).to_le_bytes());
    wav.resize(wav.len() + samples * 2, 0);
    wav
}

#[tokio::test]
async fn what_is_wrong_with_a_recording_is_a_4xx_of_its_own_before_anybody_is_paid() {
    let mut settings = settings();
    settings.audio.longest = std::time::Duration::from_secs(5);
    // A provider that is asked panics, which would be a 500.
    let service = start_bad_with(settings, Behaviour::Panics).await;
    let mislabelled = |label: &str| format!("data:{label};base64,{}", STANDARD.encode(KITCHEN));
    let damaged = [&TONES[0].1[..60], &[0; 900]].concat();
    for (audio, status, code) in [
        (String::new(), 400, "audio_empty"),
        ("UklG!".to_owned(), 400, "audio_not_base64"),
        (STANDARD.encode("words and no sound"), 400, "audio_format_unknown"),
        (STANDARD.encode(&KITCHEN[..20_000]), 400, "audio_truncated"),
        (STANDARD.encode(damaged), 400, "audio_undecodable"),
        (
            STANDARD.encode(b"OggS and nothing else of it"),
            400,
            "audio_undecodable",
        ),
        (STANDARD.encode(nothing(1_000)), 400, "audio_too_short"),
        (STANDARD.encode(nothing(16_000)), 400, "audio_silent"),
        (STANDARD.encode(nothing(16_000 * 6)), 400, "audio_too_long"),
        (STANDARD.encode(nothing(13_107_200)), 413, "audio_too_large"),
        (mislabelled("audio/webm"), 400, "audio_mislabelled"),
        (mislabelled("audio/mpeg"), 400, "audio_mislabelled"),
    ] {
        expect_problem(service.orchestrate(&json!({"audio_file": audio})), status, code).await;
    }
}

#[tokio::test]
async fn silence_is_taken_where_the_policy_takes_it_and_has_no_words() {
    let mut settings = settings();
    settings.audio.quietest = None;
    let service = start_with(settings).await;
    let heard = transcribe(&service, &STANDARD.encode(nothing(16_000))).await;
    assert_eq!(heard["transcription"]["text"], "");
    assert_eq!(heard["concepts"]["concepts"], json!([]));
}

#[tokio::test]
async fn the_original_s_workflows_are_run_under_our_names() {
    let service = start().await;
    let audio = STANDARD.encode(KITCHEN);
    for (body, workflow) in [
        (
            json!({"workflow_type": "concept_only", "text": "Good fish."}),
            "text_only",
        ),
        (
            json!({"workflow_type": "entity_id_with_audio", "entity_id": "e1", "audio_file": audio}),
            "audio_only",
        ),
        (json!({"entity_id": "e1", "audio_file": audio}), "audio_only"),
        (
            json!({"workflow_type": "audio_only", "audio_file": audio}),
            "audio_only",
        ),
        (
            json!({"workflow_type": "auto", "audio_file": audio}),
            "audio_only",
        ),
        (
            json!({"workflow_type": "text_only", "text": "Good fish."}),
            "text_only",
        ),
    ] {
        let (status, answer) = read(service.orchestrate(&body).send().await.unwrap()).await;
        assert_eq!((status, &answer["workflow"]), (200, &json!(workflow)), "{answer}");
        assert_eq!(answer["results"]["entity_id"], body["entity_id"]);
    }
    for nothing in [
        json!({"workflow_type": "entity_id_with_audio", "audio_file": audio}),
        json!({"workflow_type": "audio_only"}),
        json!({"workflow_type": "text_only", "audio_file": audio}),
    ] {
        expect_problem(service.orchestrate(&nothing), 400, "input_missing").await;
    }
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
