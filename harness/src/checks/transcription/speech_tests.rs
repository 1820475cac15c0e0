//! The checks of what speech becomes, side by side, on hand-made answers.

use serde_json::json;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::Judgement;
use crate::check::testing::{answered, call, target};
use crate::check::trial::{findings, judgement};
use crate::checks::transcription::concepts_follow_the_text::ConceptsFollowTheText;
use crate::checks::transcription::real_model_answers::RealModelAnswers;
use crate::checks::transcription::silence_is_silence::SilenceIsSilence;
use crate::checks::transcription::size_limit_kept::SizeLimitKept;
use crate::checks::transcription::spellings_heard_or_refused::SpellingsHeardOrRefused;
use crate::checks::transcription::unicode_kept::UnicodeKept;
use crate::checks::transcription::whole_recording_heard::WholeRecordingHeard;
use crate::checks::transcription::words_are_right::WordsAreRight;
use crate::model::exchange::{Exchange, Place, Redacted, SecretKind};
use crate::model::finding::Severity;
use crate::model::probe::{Change, Effect, Nature, Probe};
use crate::model::target::{Environment, Sample, Target, Transcription};

/// A target that hears: its one protected call takes audio or text.
pub(in crate::checks) fn speaking() -> Target {
    let sample = |name: &str, text: &str| Sample {
        name: name.into(),
        words: text.split(' ').map(str::to_owned).collect(),
        text: Some(text.into()),
        language: None,
    };
    Target {
        transcription: Some(Transcription {
            call: call(),
            body: json!({}),
            audio_at: "/audio".into(),
            text_in: Some("/text".into()),
            text_at: "/text".into(),
            concepts_at: Some("/concepts".into()),
            language_in: None,
            language_at: None,
            max_audio: Some(1_000),
            nature: Nature::Paid,
            samples: vec![
                sample("a.wav", "The kitchen closes at ten."),
                sample("b.wav", "Fish on the terrace."),
            ],
        }),
        ..target()
    }
}

fn probe(target: &Target, sample: usize, change: Change) -> Probe {
    let role = target.transcription.as_ref().unwrap();
    asks::transcribe_changed(target, role, &role.samples[sample], change)
}

fn answer(id: u32, probe: &Probe, status: u16, text: &str, concept: &str) -> Exchange {
    let body = json!({"text": text, "concepts": [concept]}).to_string();
    answered(id, probe, status, &[("content-type", "application/json")], &body)
}

/// The answers to the two samples.
fn heard(texts: [&str; 2], concepts: [&str; 2]) -> Vec<Exchange> {
    let target = speaking();
    [0, 1]
        .map(|at| {
            let probe = probe(&target, at, Change::None);
            answer(at as u32 + 1, &probe, 200, texts[at], concepts[at])
        })
        .into()
}

fn titles(check: &dyn Check, seen: &[Exchange]) -> Vec<String> {
    let found = findings(check, &speaking(), seen);
    found.into_iter().map(|finding| finding.title).collect()
}

const NONE: Vec<String> = Vec::new();

#[test]
fn wrong_words_are_counted_and_small_slips_spared() {
    let good = heard(
        ["the kitchen closed at 10", "Fish, on the terrace"],
        ["hours", "fish"],
    );
    assert_eq!(titles(&WordsAreRight, &good), NONE);
    let bad = heard(
        ["The kitchen is on the terrace.", "Fish on the terrace."],
        ["a", "b"],
    );
    assert_eq!(
        titles(&WordsAreRight, &bad),
        ["POST /summaries gets 4 of 5 words of the recording a.wav wrong"]
    );
}

#[test]
fn the_same_concepts_for_two_texts_are_found_in_any_order() {
    let texts = ["The kitchen closes at ten.", "Fish on the terrace."];
    assert_eq!(
        titles(&ConceptsFollowTheText, &heard(texts, ["hours", "fish"])),
        NONE
    );
    assert_eq!(
        titles(&ConceptsFollowTheText, &heard(texts, ["x", "x"])),
        ["POST /summaries finds the same concepts in the recording a.wav and the recording b.wav"]
    );
    assert_eq!(
        titles(&ConceptsFollowTheText, &heard(["same", "same"], ["x", "x"])),
        NONE,
        "one text, one list"
    );
    let listed = |first: &str, second: &str| {
        let target = speaking();
        let seen = [(0, first), (1, second)].map(|(at, concepts)| {
            let body = format!(r#"{{"text":"{}","concepts":{concepts}}}"#, texts[at]);
            let probe = probe(&target, at, Change::None);
            answered(
                at as u32 + 1,
                &probe,
                200,
                &[("content-type", "application/json")],
                &body,
            )
        });
        titles(&ConceptsFollowTheText, &seen).len()
    };
    assert_eq!(listed(r#"["x","y"]"#, r#"["y","x"]"#), 1, "another order");
    assert_eq!(
        listed("[]", "[]"),
        0,
        "nothing found in either is no answer made up"
    );
}

#[test]
fn words_in_silence_are_found_and_refusals_spared() {
    let target = speaking();
    let probe = probe(&target, 0, Change::Silence);
    let found = |status, text| titles(&SilenceIsSilence, &[answer(1, &probe, status, text, "x")]);
    assert_eq!(
        found(200, "Thank you for watching!"),
        ["POST /summaries transcribes a second of silence as speech"]
    );
    assert_eq!((found(200, " "), found(422, "nobody speaks")), (NONE, NONE));
    for silent in [
        ".",
        "…",
        "[BLANK_AUDIO]",
        " (silence)\n",
        "♪",
        "*music* ...",
        "<|nospeech|>",
        "[ ♪ ] .",
    ] {
        assert_eq!(found(200, silent), NONE, "{silent}");
    }
    for spoken in [
        "[music] Thank you.",
        "♪ la la ♪",
        "(Thank you for watching",
        "谢谢观看",
        "* 5",
    ] {
        assert_eq!(found(200, spoken).len(), 1, "{spoken}");
    }
}

#[test]
fn a_lost_end_is_found_and_a_lost_beginning_is_another_matter() {
    let target = speaking();
    let first = "a.wav".to_owned();
    let probe = probe(&target, 1, Change::After { first });
    let found = |text| titles(&WholeRecordingHeard, &[answer(1, &probe, 200, text, "x")]);
    assert_eq!(
        found("The kitchen closes at ten."),
        ["POST /summaries loses the end of a recording of two sentences"]
    );
    assert_eq!(found("The kitchen closes at ten. Fish on the terrace."), NONE);
    let neither = [answer(1, &probe, 200, "Thank you for calling.", "x")];
    assert!(matches!(
        judgement(&WholeRecordingHeard, &target, &neither),
        Judgement::Unable(_)
    ));
}

#[test]
fn the_size_limit_is_held_from_both_sides() {
    let target = speaking();
    let role = target.transcription.as_ref().unwrap();
    let large = |bytes| asks::strain(&target, role, &role.samples[0], Change::Grown { bytes });
    assert_eq!(large(1).effect, Effect::Hostile);
    let found = |at: u16, over: u16| {
        let seen = [
            answer(1, &large(1_000), at, "", "x"),
            answer(2, &large(1_001), over, "", "x"),
        ];
        titles(&SizeLimitKept, &seen).len()
    };
    assert_eq!((found(200, 413), found(200, 400)), (0, 0));
    assert_eq!((found(413, 413), found(200, 200)), (1, 1));
    assert_eq!((found(400, 413), found(422, 422)), (1, 1));
    assert_eq!(
        (found(429, 413), found(401, 413)),
        (0, 0),
        "told by something else"
    );
}

#[test]
fn a_stand_in_is_found_in_production_and_nowhere_else() {
    let production = Target {
        environment: Environment::Production,
        ..speaking()
    };
    let seen = |model: &str| {
        let body = json!({"results": {"model": model}}).to_string();
        [answered(
            1,
            &asks::proof(&production, &production.proofs[0]),
            200,
            &[],
            &body,
        )]
    };
    assert_eq!(
        findings(&RealModelAnswers, &production, &seen("mock-llm")).len(),
        1
    );
    assert_eq!(
        findings(&RealModelAnswers, &production, &seen("gpt-4o-mini")).len(),
        0
    );
    let mut hidden = seen("[text:8:0a1b2c]");
    hidden[0].redacted.push(Redacted {
        place: Place::ReplyValue("/results/model".into()),
        kind: SecretKind::Content,
        length: 8,
    });
    let unseen = judgement(&RealModelAnswers, &production, &hidden);
    assert!(
        !matches!(unseen, Judgement::Judged { .. }),
        "what was not kept is not judged: {unseen:?}"
    );
    let said = json!({"summary": "a mock of a dish"}).to_string();
    let spoken_of = [answered(
        1,
        &asks::proof(&production, &production.proofs[0]),
        200,
        &[],
        &said,
    )];
    assert_eq!(
        findings(&RealModelAnswers, &production, &spoken_of),
        [],
        "a word in a text names no model"
    );
    assert!(matches!(
        judgement(&RealModelAnswers, &speaking(), &seen("mock-llm")),
        Judgement::NotApplicable(_)
    ));
}

#[test]
fn a_text_that_loses_letters_is_found_and_one_that_is_composed_spared() {
    let target = speaking();
    let asked = UnicodeKept.ask(&crate::check::view::View::new(&target, None, &[], &[]));
    let probe = asked[0].probes()[0].clone();
    let found = |status, text: &str| {
        let seen = [answer(1, &probe, status, text, "x")];
        let found = findings(&UnicodeKept, &target, &seen);
        found
            .into_iter()
            .map(|finding| finding.severity)
            .collect::<Vec<_>>()
    };
    let sent = "Cafe\u{301} menu: 寿司, שלום 👩\u{200d}🍳 closes at ten.";
    assert!(serde_json::to_string(&probe).unwrap().contains(sent));
    let (major, minor) = (vec![Severity::Major], vec![Severity::Minor]);
    assert_eq!(found(200, sent), []);
    assert_eq!(found(200, &sent.replace("e\u{301}", "é").to_uppercase()), []);
    assert_eq!(found(200, "A menu in several languages."), [], "no echo");
    assert_eq!(found(200, &sent.replace("寿司", "??")), major);
    assert_eq!(found(200, &sent.replace("שלום", "\u{fffd}")), major);
    assert_eq!(found(200, &sent.replace("e\u{301}", "e?")), major);
    assert_eq!(found(200, &sent.replace("e\u{301}", "e")), [], "no accent");
    assert_eq!(
        found(200, &sent.replace("👩\u{200d}🍳 ", "")),
        [Severity::Advisory]
    );
    assert_eq!(found(422, ""), minor);
    for told_elsewhere in [401, 429, 500] {
        let seen = [answer(1, &probe, told_elsewhere, "", "x")];
        let judged = judgement(&UnicodeKept, &target, &seen);
        assert!(matches!(judged, Judgement::Unable(_)), "{told_elsewhere}");
    }
}

#[test]
fn audio_that_is_spelt_otherwise_is_heard_right_or_refused() {
    let target = speaking();
    let found = |plain: &str, status: u16, text: &str| {
        let lines = probe(&target, 0, Change::Base64Lines);
        let seen = [
            answer(1, &probe(&target, 0, Change::None), 200, plain, "x"),
            answer(2, &lines, status, text, "x"),
        ];
        titles(&SpellingsHeardOrRefused, &seen)
    };
    let said = "The kitchen closes at ten.";
    assert_eq!(
        found(said, 200, "Zero one three."),
        ["POST /summaries takes base64 in lines and hears something else in it"]
    );
    assert_eq!(found(said, 200, "").len(), 1);
    assert_eq!(found(said, 200, "the kitchen closes at 10"), NONE);
    assert_eq!(found(said, 400, ""), NONE);
    let none = [answer(
        1,
        &probe(&target, 0, Change::Base64Lines),
        200,
        "Zero one.",
        "x",
    )];
    assert!(matches!(
        judgement(&SpellingsHeardOrRefused, &target, &none),
        Judgement::Unable(_)
    ));
}

#[test]
fn a_transcript_that_was_not_kept_is_no_transcript_to_compare_with() {
    let target = speaking();
    let plain = probe(&target, 0, Change::None);
    let mut seen = [
        answer(1, &plain, 200, "[text:25:0a1b2c3d]", "x"),
        answer(
            2,
            &probe(&target, 0, Change::Base64Lines),
            200,
            "[text:25:4e5f6a7b]",
            "x",
        ),
    ];
    for exchange in &mut seen {
        exchange.redacted.push(Redacted {
            place: Place::ReplyValue("/text".into()),
            kind: SecretKind::Content,
            length: 25,
        });
    }
    let Judgement::Unable(unseen) = judgement(&SpellingsHeardOrRefused, &target, &seen) else {
        panic!("what was not kept is not judged");
    };
    assert_eq!(unseen.flag.as_deref(), Some("--keep-bodies"));
}
