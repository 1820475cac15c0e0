use serde_json::json;

use super::*;
use crate::check::testing::{answered, call, target};
use crate::contract::load::Contract;
use crate::model::exchange::Exchange;
use crate::model::probe::Nature;
use crate::model::target::{Target, Transcription};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn speech() -> Target {
    let mut target = target();
    target.transcription = Some(Transcription {
        call: call(),
        body: json!({"language": "en"}),
        audio_at: "/audio".into(),
        text_in: Some("/text".into()),
        text_at: "/transcript".into(),
        concepts_at: None,
        language_in: None,
        language_at: None,
        max_audio: None,
        nature: Nature::Paid,
        samples: vec![],
    });
    target
}

fn seen(status: impl Fn(Defect) -> u16) -> Vec<Exchange> {
    (1..)
        .zip(inputs(&speech()))
        .map(|(id, input)| answered(id, &input.probe, status(input.defect), JSON, "{}"))
        .collect()
}

fn judged(seen: &[Exchange], contract: Option<&Contract>) -> Judgement {
    let target = speech();
    InvalidInputRefused.judge(&View::new(&target, contract, seen, &[]))
}

fn failing(judgement: &Judgement) -> Vec<String> {
    match judgement {
        Judgement::Judged { findings, .. } => findings
            .iter()
            .filter(|finding| finding.fails())
            .map(|finding| finding.subject.clone())
            .collect(),
        other => panic!("not judged: {other:?}"),
    }
}

#[test]
fn a_service_that_refuses_everything_invalid_is_healthy() {
    for status in [400, 413, 415, 422] {
        let judgement = judged(&seen(|_| status), None);
        assert!(
            matches!(judgement, Judgement::Judged { findings, unseen, .. } if findings.is_empty() && unseen.is_empty())
        );
    }
}

#[test]
fn a_guard_that_was_given_no_credential_is_no_mystery() {
    let mut target = speech();
    let refused = |target: &Target| -> Vec<Exchange> {
        let broken = inputs(target)
            .into_iter()
            .filter(|input| input.defect == Defect::Broken);
        (1..)
            .zip(broken)
            .map(|(id, input)| answered(id, &input.probe, 401, JSON, "{}"))
            .collect()
    };
    let judge = |target: &Target| InvalidInputRefused.judge(&View::new(target, None, &refused(target), &[]));
    assert!(matches!(judge(&target), Judgement::Unable(unseen) if !unseen.on_purpose));
    target.auth.as_mut().unwrap().credentials.clear();
    assert!(
        matches!(judge(&target), Judgement::Unable(unseen) if unseen.on_purpose && unseen.flag.is_some())
    );
}

#[test]
fn audio_that_is_not_base64_must_not_be_accepted() {
    let accepted = seen(|defect| if defect == Defect::NotBase64 { 200 } else { 400 });
    assert_eq!(
        failing(&judged(&accepted, None)),
        ["POST /summaries with audio that is not base64"]
    );
}

#[test]
fn what_a_lenient_service_may_accept_fails_nothing() {
    use Defect::{MediaType, Nothing, Nul, NumberForText};
    let lenient = |defect| matches!(defect, MediaType | Nothing | Nul | NumberForText);
    let accepted = seen(|defect| if lenient(defect) { 200 } else { 422 });
    assert_eq!(failing(&judged(&accepted, None)), Vec::<String>::new());
}

#[test]
fn what_the_contract_forbids_must_not_be_accepted() {
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "notes", "version": "1"},
        "paths": {"/summaries": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object", "properties": {"text": {"type": "string"}}
            }}}},
            "responses": {"200": {"description": "fine"}}
        }}}
    });
    let contract = Contract::parse(&document.to_string(), "the test").unwrap();
    let accepted = seen(|defect| match defect {
        Defect::NumberForText | Defect::Nothing => 200,
        _ => 422,
    });
    assert_eq!(
        failing(&judged(&accepted, Some(&contract))),
        ["POST /summaries with a number instead of text"]
    );
}

#[test]
fn a_crash_is_the_rules_finding_and_makes_this_one_open() {
    let crashed = seen(|defect| if defect == Defect::NotBase64 { 500 } else { 400 });
    let Judgement::Judged { findings, unseen, .. } = judged(&crashed, None) else {
        panic!("not judged");
    };
    assert!(findings.is_empty() && unseen.len() == 1 && !unseen[0].on_purpose);
}

#[test]
fn behind_a_guard_nothing_more_is_asked() {
    let target = speech();
    let broken = inputs(&target).remove(0);
    let asked = |status| {
        let seen = [answered(1, &broken.probe, status, JSON, "{}")];
        InvalidInputRefused
            .ask(&View::new(&target, None, &seen, &[]))
            .len()
    };
    assert_eq!((asked(401), asked(404), asked(422), asked(500)), (1, 1, 15, 15));
}
