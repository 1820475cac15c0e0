//! Speech, and what is found in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::faults::id::FaultId;
use serde_json::{Value, json};

use super::{KITCHEN, TERRACE, accepted, body, clip, send, start};
use crate::support::{Service, settings, start_with};

const GARDEN: &[u8] = include_bytes!("../../../../scenarios/samples/garden.webm");
const COZINHA: &[u8] = include_bytes!("../../../../scenarios/samples/cozinha.wav");

/// A second of silence, 8 kHz.
pub(super) fn silence() -> Vec<u8> {
    let mut wav =
        b"RIFF\xa4\x3e\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data".to_vec();
    wav.extend(16_000_u32.to_le_bytes());
    wav.resize(wav.len() + 16_000, 0);
    wav
}

/// Base64 in lines, as mail has it (RFC 2045 §6.8).
pub(super) fn folded(audio: &[u8]) -> String {
    let whole = STANDARD.encode(audio);
    let lines: Vec<&str> = (0..whole.len())
        .step_by(76)
        .map(|at| &whole[at..(at + 76).min(whole.len())])
        .collect();
    lines.join("\r\n")
}

fn portuguese(service: &Service) -> reqwest::RequestBuilder {
    service.orchestrate(&json!({"audio_file": STANDARD.encode(COZINHA), "language": "pt"}))
}

fn text(answer: &Value) -> &str {
    answer["results"]["transcription"]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_healthy_service_hears_each_sample_and_no_silence() {
    let service = start_with(settings()).await;
    assert_eq!(
        text(&body(clip(&service, KITCHEN)).await),
        "The kitchen closes at ten."
    );
    assert_eq!(
        text(&body(clip(&service, GARDEN)).await),
        "Music plays in the garden."
    );
    let heard = body(portuguese(&service)).await;
    assert_eq!(text(&heard), "A cozinha fecha às dez.");
    assert_eq!(heard["results"]["transcription"]["language"], "portuguese");
    assert_eq!(body(clip(&service, &silence())).await["code"], "audio_silent");
    let mut lenient = settings();
    lenient.audio.quietest = None;
    let service = start_with(lenient).await;
    let quiet = body(clip(&service, &silence())).await;
    assert_eq!(text(&quiet), "");
    assert_eq!(quiet["results"]["concepts"]["concepts"], json!([]));
}

#[tokio::test]
async fn silence_is_given_words_or_crashes() {
    let invented = start(FaultId::SilenceInvented).await;
    assert_eq!(
        text(&body(clip(&invented, &silence())).await),
        "Thank you for watching!"
    );
    let crashing = start(FaultId::SilenceCrash).await;
    assert_eq!(send(clip(&crashing, &silence())).await.status(), 500);
    for service in [invented, crashing] {
        assert_eq!(
            text(&body(clip(&service, KITCHEN)).await),
            "The kitchen closes at ten."
        );
    }
}

#[tokio::test]
async fn what_the_provider_refuses_crashes_and_the_rest_goes_on() {
    let text = json!({"text": "The kitchen closes at ten."});
    let region = json!({"audio_file": STANDARD.encode(COZINHA), "language": "pt-BR"});
    let service = start(FaultId::ResponseFormatRefused).await;
    assert_eq!(send(service.orchestrate(&text)).await.status(), 500);
    let service = start(FaultId::LanguageTagRefused).await;
    assert_eq!(send(service.orchestrate(&region)).await.status(), 500);
    assert_eq!(send(service.orchestrate(&text)).await.status(), 200);
    assert_eq!(
        self::text(&body(portuguese(&service)).await),
        "A cozinha fecha às dez."
    );
}

#[tokio::test]
async fn another_language_comes_back_in_english_words() {
    for (fault, named) in [
        (FaultId::LanguageIgnored, "english"),
        (FaultId::SpeechTranslated, "portuguese"),
    ] {
        let service = start(fault).await;
        let heard = body(portuguese(&service)).await;
        assert!(!text(&heard).contains("cozinha"), "{heard}");
        assert_eq!(heard["results"]["transcription"]["language"], named);
        assert_eq!(
            text(&body(clip(&service, KITCHEN)).await),
            "The kitchen closes at ten."
        );
    }
}

#[tokio::test]
async fn only_a_wav_is_what_its_name_says() {
    let service = start(FaultId::ContainerMislabelled).await;
    assert_eq!(body(clip(&service, GARDEN)).await["code"], "audio_refused");
    assert_eq!(send(clip(&service, TERRACE)).await.status(), 200);
}

#[tokio::test]
async fn the_tail_of_a_long_recording_is_lost() {
    let service = start(FaultId::TailLost).await;
    let mut long = KITCHEN.to_vec();
    let more = 2 * (KITCHEN.len() as u32 - 92);
    long.resize(KITCHEN.len() + more as usize, 0);
    let at = long.windows(4).position(|name| name == b"data").unwrap() + 4;
    let length = (long.len() - at - 4) as u32;
    long[at..at + 4].copy_from_slice(&length.to_le_bytes());
    let whole = (long.len() - 8) as u32;
    long[4..8].copy_from_slice(&whole.to_le_bytes());
    assert_eq!(text(&body(clip(&service, &long)).await), "The kitchen");
    assert_eq!(
        text(&body(clip(&service, KITCHEN)).await),
        "The kitchen closes at ten."
    );
}

#[tokio::test]
async fn audio_above_the_provider_s_limit_is_a_500() {
    let service = start(FaultId::ProviderLimitCrash).await;
    let mut long = silence();
    let length = 110_000_u32;
    // Loud: silence would be refused before the provider is asked.
    long.extend((16_000..length).map(|at| at.to_le_bytes()[0]));
    long[40..44].copy_from_slice(&length.to_le_bytes());
    long[4..8].copy_from_slice(&(length + 36).to_le_bytes());
    let answer = body(clip(&service, &long)).await;
    assert_eq!(answer["status"], 500, "{answer}");
    assert_eq!(send(clip(&service, KITCHEN)).await.status(), 200);
}

#[tokio::test]
async fn concepts_are_none_or_always_the_same() {
    let empty = start(FaultId::ConceptsEmpty).await;
    assert_eq!(
        body(accepted(&empty)).await["results"]["concepts"]["concepts"],
        json!([])
    );
    let canned = start(FaultId::ConceptsCanned).await;
    let of = |answer: Value| answer["results"]["concepts"]["concepts"].clone();
    let (kitchen, terrace) = (
        of(body(clip(&canned, KITCHEN)).await),
        of(body(clip(&canned, TERRACE)).await),
    );
    assert_eq!(kitchen, terrace);
    assert_ne!(kitchen, json!([]));
}

#[tokio::test]
async fn prose_in_place_of_json_is_passed_on_as_a_crash() {
    let service = start(FaultId::ModelJsonCrash).await;
    let answer = body(accepted(&service)).await;
    assert_eq!(answer["status"], 500);
    assert!(answer["detail"].as_str().unwrap().contains("Expecting value"));
}

#[tokio::test]
async fn a_success_holds_an_error() {
    let service = start(FaultId::PartialSuccess).await;
    let answer = body(accepted(&service)).await;
    assert!(answer["results"]["concepts"]["error"].is_string(), "{answer}");
}

#[tokio::test]
async fn the_processing_time_is_a_thousand_times_too_long() {
    let service = start(FaultId::TimeLie).await;
    let started = std::time::Instant::now();
    let told = body(clip(&service, KITCHEN)).await["processing_time_ms"]
        .as_u64()
        .unwrap();
    assert!(u128::from(told) > started.elapsed().as_millis());
}

#[tokio::test]
async fn a_preview_is_kept() {
    let service = start(FaultId::SavesUnasked).await;
    let preview = json!({"text": "Good fish.", "output": {"save_to_db": false, "return_results": true}});
    assert_eq!(body(service.orchestrate(&preview)).await["saved_to_db"], true);
}

#[tokio::test]
async fn a_number_is_not_one() {
    let service = start(FaultId::NanInAnswer).await;
    let response = send(accepted(&service)).await;
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(text.contains("\"processing_time_ms\":NaN"), "{text}");
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn letters_beyond_eight_bits_come_back_as_question_marks() {
    let sent = json!({"text": "Às dez: 寿司 🍣"});
    let healthy = start_with(settings()).await;
    assert_eq!(text(&body(healthy.orchestrate(&sent)).await), "Às dez: 寿司 🍣");
    let service = start(FaultId::UnicodeMangled).await;
    assert_eq!(text(&body(service.orchestrate(&sent)).await), "Às dez: ?? ?");
}

#[tokio::test]
async fn another_spelling_of_base64_is_guessed_at() {
    let sent = json!({"audio_file": folded(KITCHEN)});
    let healthy = start_with(settings()).await;
    assert_eq!(body(healthy.orchestrate(&sent)).await["code"], "audio_not_base64");
    let service = start(FaultId::Base64Guessed).await;
    let heard = body(service.orchestrate(&sent)).await;
    assert!(!text(&heard).contains("kitchen"), "{heard}");
    assert_eq!(
        text(&body(clip(&service, KITCHEN)).await),
        "The kitchen closes at ten."
    );
    let none = body(service.orchestrate(&json!({"audio_file": "!!! not base64 !!!"}))).await;
    assert_eq!(none["code"], "audio_not_base64");
}

#[tokio::test]
async fn a_wrong_label_is_believed() {
    let named = |label: &str| {
        let url = format!("data:{label};base64,{}", STANDARD.encode(KITCHEN));
        json!({"audio_file": url})
    };
    let healthy = start_with(settings()).await;
    let refused = body(healthy.orchestrate(&named("audio/webm"))).await;
    assert_eq!(refused["code"], "audio_mislabelled", "the content tells");
    let service = start(FaultId::LabelBelieved).await;
    assert_eq!(
        send(service.orchestrate(&named("audio/webm"))).await.status(),
        500
    );
    assert_eq!(send(service.orchestrate(&named("audio/wav"))).await.status(), 200);
}
