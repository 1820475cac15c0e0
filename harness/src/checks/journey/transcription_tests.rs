//! The three checks of the transcription role, side by side: what one finds, the others must not repeat.

use super::*;
use crate::check::testing::{answered, call, target};
use crate::check::trial::{findings, judgement};
use crate::checks::journey::speech_is_transcribed::SpeechIsTranscribed;
use crate::checks::journey::text_is_understood::TextIsUnderstood;
use crate::model::exchange::{Place, Redacted, SecretKind};
use crate::model::probe::Nature;
use crate::model::target::{Sample, Target};

fn transcribing() -> Target {
    let sample = |name: &str, words: &[&str]| Sample {
        name: name.into(),
        words: words.iter().map(ToString::to_string).collect(),
        text: None,
        language: None,
    };
    Target {
        transcription: Some(Transcription {
            call: call(),
            body: serde_json::json!({}),
            audio_at: "/audio".into(),
            text_in: Some("/text".into()),
            text_at: "/text".into(),
            concepts_at: Some("/concepts".into()),
            language_in: None,
            language_at: None,
            max_audio: None,
            nature: Nature::Paid,
            samples: vec![
                sample("a/kitchen.wav", &["kitchen", "closes", "ten"]),
                sample("a/terrace.wav", &["terrace", "fish"]),
            ],
        }),
        ..target()
    }
}

fn body(text: &str) -> String {
    serde_json::json!({"text": text, "concepts": ["x"]}).to_string()
}

/// The answers to the two recordings.
fn heard(status: u16, bodies: [&str; 2]) -> Vec<Exchange> {
    let target = transcribing();
    let role = target.transcription.as_ref().unwrap();
    let json = [("content-type", "application/json")];
    transcript::speech(&target, role)
        .iter()
        .zip(bodies)
        .zip(1..)
        .map(|((given, body), id)| answered(id, &given.probe, status, &json, body))
        .collect()
}

fn titles(check: &dyn Check, seen: &[Exchange]) -> Vec<String> {
    findings(check, &transcribing(), seen)
        .into_iter()
        .map(|found| found.title)
        .collect()
}

const NONE: Vec<String> = Vec::new();

#[test]
fn good_transcripts_are_spared_whatever_their_case_and_small_slips() {
    let seen = heard(
        200,
        [&body("The KITCHEN closes at 10."), &body("Fish, on the terrace!")],
    );
    assert_eq!(titles(&SpeechIsTranscribed, &seen), NONE);
    assert_eq!(titles(&FollowsTheAudio, &seen), NONE);
}

#[test]
fn without_a_credential_nothing_is_asked_and_the_flag_is_named() {
    let mut target = transcribing();
    target.auth.as_mut().unwrap().credentials.clear();
    let supply = target.auth.as_ref().unwrap().supply.clone();
    let checks: [&dyn Check; 3] = [&SpeechIsTranscribed, &FollowsTheAudio, &TextIsUnderstood];
    for check in checks {
        let id = check.spec().id;
        assert!(check.ask(&View::new(&target, None, &[], &[])).is_empty(), "{id}");
        let Judgement::Unable(unseen) = judgement(check, &target, &[]) else {
            panic!("{id} judged what nobody asked");
        };
        assert!(unseen.on_purpose, "{id}");
        assert_eq!(unseen.flag.as_deref(), Some(supply.as_str()), "{id}");
    }
}

#[test]
fn an_empty_transcript_is_found_and_not_called_canned() {
    let seen = heard(200, [&body(" "), &body("")]);
    assert_eq!(
        titles(&SpeechIsTranscribed, &seen)[0],
        "POST /summaries answers 200 to the recording kitchen.wav with an empty text"
    );
    assert!(matches!(
        judgement(&FollowsTheAudio, &transcribing(), &seen),
        Judgement::Unable(_)
    ));
}

#[test]
fn the_same_text_for_two_recordings_is_found() {
    let seen = heard(
        200,
        [&body("Thank you for calling."), &body("thank you for calling")],
    );
    assert_eq!(
        titles(&FollowsTheAudio, &seen),
        ["POST /summaries gives the same text for the recording kitchen.wav and the recording terrace.wav"]
    );
    assert_eq!(titles(&SpeechIsTranscribed, &seen).len(), 2);
}

#[test]
fn crashes_missing_text_and_missing_concepts_are_found() {
    let crashed = heard(500, ["Internal Server Error", "Internal Server Error"]);
    assert_eq!(
        titles(&SpeechIsTranscribed, &crashed)[0],
        "POST /summaries answers HTTP 500 to the recording kitchen.wav"
    );
    let renamed = heard(
        200,
        [r#"{"transcript":"kitchen"}"#, r#"{"transcript":"terrace"}"#],
    );
    assert!(titles(&SpeechIsTranscribed, &renamed)[0].contains("without any text at /text"));
    let bare = heard(
        200,
        [
            r#"{"text":"kitchen closes ten","concepts":[]}"#,
            &body("terrace fish"),
        ],
    );
    assert!(titles(&SpeechIsTranscribed, &bare)[0].contains("without any concepts"));
}

#[test]
fn words_that_were_not_kept_are_not_judged_but_their_sameness_is() {
    let hide = |mut exchange: Exchange| {
        exchange.redacted.push(Redacted {
            place: Place::ReplyValue("/text".into()),
            kind: SecretKind::Content,
            length: 9,
        });
        exchange
    };
    let hidden = |bodies| heard(200, bodies).into_iter().map(hide).collect::<Vec<_>>();
    let same = body("[text:9:aaaaaa]");
    let seen = hidden([&same, &same]);
    assert_eq!(titles(&SpeechIsTranscribed, &seen), NONE);
    assert_eq!(titles(&FollowsTheAudio, &seen).len(), 1);
    assert_eq!(
        titles(&FollowsTheAudio, &hidden([&same, &body("[text:9:bbbbbb]")])),
        NONE
    );
}

#[test]
fn text_shares_the_request_of_a_proof_that_has_it() {
    let target = transcribing();
    let role = target.transcription.as_ref().unwrap();
    let given = transcript::text(&target, role).unwrap();
    assert_eq!(given.probe, crate::check::asks::proof(&target, &target.proofs[0]));
    assert_eq!(given.words, ["hello"]);
    let without = Target {
        proofs: vec![],
        ..target.clone()
    };
    assert_eq!(transcript::text(&without, role).unwrap().words.len(), 5);
}

#[test]
fn text_that_is_not_understood_is_found() {
    let target = transcribing();
    let given = transcript::text(&target, target.transcription.as_ref().unwrap()).unwrap();
    let found = |body: &str| titles(&TextIsUnderstood, &[answered(1, &given.probe, 200, &[], body)]);
    assert_eq!(found(&body("Hello")), NONE);
    assert_eq!(found(r#"{"concepts":["greeting"]}"#), NONE);
    assert_eq!(found(&body("")).len(), 1);
    assert_eq!(found(r#"{"text":"hello","concepts":[]}"#).len(), 1);
    assert_eq!(found(&body("something else")).len(), 1);
}

#[test]
fn a_single_recording_cannot_show_it() {
    let mut target = transcribing();
    if let Some(role) = &mut target.transcription {
        role.samples.truncate(1);
    }
    assert!(
        matches!(judgement(&FollowsTheAudio, &target, &[]), Judgement::Unable(unseen) if unseen.on_purpose)
    );
}
