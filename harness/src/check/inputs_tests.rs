//! Which bodies are made, and that none of them goes out without leave but the one that nobody can accept.

use super::*;
use crate::check::testing::{call, target};
use crate::model::probe::{Effect, Nature};
use crate::model::target::Sample;

fn body(input: &Input) -> Value {
    input.value.clone().unwrap()
}

fn speaking() -> Target {
    let mut target = target();
    target.transcription = Some(Transcription {
        call: call(),
        body: json!({"language": "en", "output": {"save": false}}),
        audio_at: "/audio".into(),
        text_in: Some("/text".into()),
        text_at: "/transcript".into(),
        concepts_at: None,
        language_in: Some("/language".into()),
        language_at: None,
        max_audio: None,
        nature: Nature::Paid,
        samples: vec![Sample {
            name: "a.wav".into(),
            words: vec!["a".into()],
            text: None,
            language: None,
        }],
    });
    target
}

#[test]
fn only_the_broken_body_goes_out_without_leave() {
    for input in inputs(&speaking()) {
        let effect = input.probe.effect;
        assert_eq!(
            effect == Effect::Inert,
            input.defect == Defect::Broken,
            "{input:?}"
        );
        assert!(effect == Effect::Inert || effect == Effect::Paid);
    }
}

#[test]
fn audio_takes_the_place_of_text() {
    let inputs = inputs(&speaking());
    let find = |defect| inputs.iter().find(|input| input.defect == defect).unwrap();
    assert_eq!(body(find(Defect::NotBase64)), json!({"audio": NOT_BASE64}));
    assert_eq!(body(find(Defect::NumberForText)), json!({"text": 7}));
    assert_eq!(
        body(find(Defect::Null)),
        json!({"text": "hello", "language": null})
    );
    assert_eq!(inputs.len(), 20);
}

#[test]
fn octets_that_json_cannot_carry_stand_in_the_text() {
    let inputs = inputs(&target());
    let octets = |defect| {
        let input = inputs.iter().find(|input| input.defect == defect).unwrap();
        let Body::Pieces { pieces, .. } = &input.probe.body else {
            panic!("{input:?}");
        };
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.octets.0.to_vec()).collect();
        bytes
    };
    assert_eq!(octets(Defect::Surrogate), br#"{"text":"a\ud83db"}"#);
    assert_eq!(octets(Defect::NotUtf8), b"{\"text\":\"a\xff\xfeb\"}");
}

#[test]
fn the_longest_text_is_found_however_deep() {
    let value = json!({"language": "en", "input": {"a/b": "a longer text"}});
    let (at, _) = longest_text(&value, String::new()).unwrap();
    assert_eq!(
        with(&value, &at, json!(1)).pointer("/input/a~1b"),
        Some(&json!(1))
    );
    assert_eq!(other_text(&value, &at).as_deref(), Some("/language"));
}

#[test]
fn a_read_has_no_body_to_spoil() {
    let mut target = target();
    target.proofs[0].call.method = "GET".into();
    assert!(inputs(&target).is_empty());
}
