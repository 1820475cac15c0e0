//! The causes behind work that goes wrong without a crash, each against its neighbours.

use serde_json::json;

use crate::check::asks;
use crate::check::testing::{answered, call, failed, target};
use crate::diagnosis::concepts_empty::ConceptsEmpty;
use crate::diagnosis::container_mislabelled::ContainerMislabelled;
use crate::diagnosis::input_hangs::InputHangs;
use crate::diagnosis::language_ignored::LanguageIgnored;
use crate::diagnosis::outage_hidden::OutageHidden;
use crate::diagnosis::speech_translated::SpeechTranslated;
use crate::diagnosis::tests::{diagnose, good, inert, proof, readable};
use crate::diagnosis::upstream_key_refused::UpstreamKeyRefused;
use crate::model::exchange::{Exchange, Phase, WireFault};
use crate::model::probe::{Body, Nature};
use crate::model::target::{Sample, Target, Transcription};

fn speaking() -> Target {
    let sample = |name: &str, text: &str, language: Option<&str>| Sample {
        name: name.into(),
        words: text.split(' ').map(str::to_owned).collect(),
        text: Some(text.into()),
        language: language.map(str::to_owned),
    };
    let mut target = target();
    target.routes.ai_health = Some("/ai/health".into());
    target.transcription = Some(Transcription {
        call: call(),
        body: json!({"language": "en"}),
        audio_at: "/audio".into(),
        text_in: Some("/text".into()),
        text_at: "/text".into(),
        concepts_at: Some("/concepts".into()),
        language_in: Some("/language".into()),
        language_at: Some("/language".into()),
        max_audio: None,
        nature: Nature::Paid,
        samples: vec![
            sample("a.wav", "the kitchen closes", None),
            sample("b.webm", "music in the garden", None),
            sample("c.wav", "a cozinha fecha", Some("pt")),
        ],
    });
    target
}

/// The answers to the three samples: status, text and language.
fn heard(target: &Target, answers: [(u16, &str, &str); 3], concepts: &[&str]) -> Vec<Exchange> {
    let role = target.transcription.as_ref().unwrap();
    role.samples
        .iter()
        .zip(answers)
        .zip(10..)
        .map(|((sample, (status, text, language)), id)| {
            let body = json!({"text": text, "language": language, "concepts": concepts});
            let probe = asks::transcribe(target, role, sample);
            readable(id, &probe, status, &body.to_string())
        })
        .collect()
}

const KITCHEN: (u16, &str, &str) = (200, "The kitchen closes.", "english");
const GARDEN: (u16, &str, &str) = (200, "Music in the garden.", "english");
const COZINHA: (u16, &str, &str) = (200, "A cozinha fecha.", "portuguese");

#[test]
fn the_language_of_the_answer_tells_ignored_from_translated() {
    let target = speaking();
    let told = |cozinha| {
        let seen = heard(&target, [KITCHEN, GARDEN, cozinha], &["x"]);
        let ignored = diagnose(&LanguageIgnored, &target, &seen).is_some();
        let translated = diagnose(&SpeechTranslated, &target, &seen).is_some();
        (ignored, translated)
    };
    assert_eq!(told((200, "the kitchen shuts", "english")), (true, false));
    assert_eq!(told((200, "the kitchen shuts", "pt-BR")), (false, true));
    assert_eq!(told(COZINHA), (false, false));
}

#[test]
fn where_the_usual_language_is_wrong_too_it_is_not_the_language() {
    let target = speaking();
    let wrong = (200, "something else entirely", "english");
    let seen = heard(&target, [wrong, wrong, wrong], &["x"]);
    assert_eq!(diagnose(&LanguageIgnored, &target, &seen), None);
}

#[test]
fn a_container_that_alone_is_refused_is_mislabelled() {
    let target = speaking();
    let refused = (400, "", "");
    let seen = heard(&target, [KITCHEN, refused, COZINHA], &["x"]);
    let diagnosis = diagnose(&ContainerMislabelled, &target, &seen).unwrap();
    assert!(
        diagnosis
            .statement
            .starts_with("POST /summaries hears wav and refuses webm (HTTP 400)")
    );
    let all = heard(&target, [refused, refused, refused], &["x"]);
    assert_eq!(diagnose(&ContainerMislabelled, &target, &all), None);
    let language = heard(&target, [KITCHEN, GARDEN, refused], &["x"]);
    assert_eq!(diagnose(&ContainerMislabelled, &target, &language), None);
}

#[test]
fn words_without_any_concept_are_told_from_some_without() {
    let target = speaking();
    let none = heard(&target, [KITCHEN, GARDEN, COZINHA], &[]);
    assert!(diagnose(&ConceptsEmpty, &target, &none).is_some());
    let mut some = heard(&target, [KITCHEN, GARDEN, COZINHA], &[]);
    some.truncate(1);
    some.extend(heard(&target, [KITCHEN, GARDEN, COZINHA], &["x"]).split_off(1));
    assert_eq!(diagnose(&ConceptsEmpty, &target, &some), None);
}

#[test]
fn empty_successes_are_an_outage_only_when_health_says_so() {
    let target = speaking();
    let empty = (200, "", "english");
    let mut seen = heard(&target, [empty, empty, empty], &[]);
    assert_eq!(diagnose(&OutageHidden, &target, &seen), None);
    let down = r#"{"status":"unhealthy","checks":{"provider":"provider_unavailable"}}"#;
    seen.push(readable(30, &asks::read("/ai/health"), 503, down));
    assert!(diagnose(&OutageHidden, &target, &seen).is_some());
}

#[test]
fn a_401_is_the_provider_s_only_when_the_credential_was_let_in() {
    let target = target();
    let stranger = |status| inert(3, None, status, "{}");
    let seen = [stranger(401), good(1, 400, "{}"), proof(2, 401, "{}")];
    assert!(diagnose(&UpstreamKeyRefused, &target, &seen).is_some());
    let parses_first = [stranger(400), good(1, 400, "{}"), proof(2, 401, "{}")];
    assert_eq!(diagnose(&UpstreamKeyRefused, &target, &parses_first), None);
    let seen = [good(1, 401, "{}"), proof(2, 401, "{}")];
    assert_eq!(diagnose(&UpstreamKeyRefused, &target, &seen), None);
}

#[test]
fn a_hang_of_invalid_input_alone_is_named() {
    let target = target();
    let body = Body::Json {
        value: json!({"text": ""}),
        inserts: vec![],
    };
    let empty = asks::with_body(&target, &call(), body);
    let late = |id, probe| failed(id, probe, Phase::Wait, WireFault::TimedOut);
    let seen = [proof(1, 200, r#"{"id":1}"#), late(2, &empty)];
    let diagnosis = diagnose(&InputHangs, &target, &seen).unwrap();
    assert_eq!(
        diagnosis.statement,
        "An empty text makes POST /summaries hang instead of being refused; other calls are answered"
    );
    let all = [
        late(1, &asks::proof(&target, &target.proofs[0])),
        late(2, &empty),
        answered(3, &asks::read("/health"), 200, &[], "{}"),
    ];
    assert_eq!(diagnose(&InputHangs, &target, &all), None);
}
