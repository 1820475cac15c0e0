//! The two causes of the transcription role, each against the other.

use crate::check::testing::{answered, call, target};
use crate::check::transcript;
use crate::diagnosis::whole_tests::{causes, first, judged, unexplained};
use crate::model::probe::Nature;
use crate::model::run::Run;
use crate::model::target::{Sample, Target, Transcription};

fn run(texts: [&str; 2]) -> Run {
    let sample = |name: &str, word: &str| Sample {
        name: name.into(),
        words: vec![word.into()],
        text: None,
        language: None,
    };
    let role = Transcription {
        call: call(),
        body: serde_json::json!({}),
        audio_at: "/audio".into(),
        text_in: None,
        text_at: "/text".into(),
        concepts_at: None,
        language_in: None,
        language_at: None,
        max_audio: None,
        nature: Nature::Paid,
        samples: vec![sample("a.wav", "kitchen"), sample("b.wav", "terrace")],
    };
    let target = Target {
        transcription: Some(role.clone()),
        ..target()
    };
    let answers = transcript::speech(&target, &role).into_iter().zip(texts).zip(1..);
    let mut seen: Vec<_> = answers
        .map(|((given, text), id)| {
            let body = serde_json::json!({"text": text}).to_string();
            answered(id, &given.probe, 200, &crate::check::testing::cors(), &body)
        })
        .collect();
    // Nothing is judged of a service that was not seen to answer.
    seen.push(answered(9, &crate::check::asks::read("/health"), 200, &[], "ok"));
    judged(&target, &seen)
}

#[test]
fn empty_text_for_speech_is_named() {
    let run = run(["", " "]);
    assert_eq!(first(&run).cause, "transcript-empty");
    assert_eq!(causes(&run), ["transcript-empty"]);
    assert_eq!(unexplained(&run), Vec::<String>::new());
}

#[test]
fn one_text_for_all_speech_is_named_and_not_called_empty() {
    let run = run(["Thank you for calling.", "Thank you for calling."]);
    assert_eq!(causes(&run), ["transcript-canned"]);
    assert_eq!(unexplained(&run), Vec::<String>::new());
}

#[test]
fn good_text_has_no_cause() {
    assert_eq!(causes(&run(["the kitchen", "the terrace"])), Vec::<&str>::new());
}
