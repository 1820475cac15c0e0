use proptest::prelude::*;

use super::{NOTES, contract};
use crate::contract::compare::compare;
use crate::contract::conform::{BodyView, Conformance, ResponseView, judge_response};
use crate::contract::load::Contract;
use crate::model::capture::Octets;

fn view<'a>(status: u16, headers: &'a [(Octets, Octets)], bytes: &'a [u8]) -> ResponseView<'a> {
    let body = BodyView {
        bytes,
        complete: true,
    };
    ResponseView {
        method: "GET",
        path: "/notes/7",
        base_path: "/api/v3",
        status,
        headers,
        body,
        redacted: &[],
    }
}

/// The notes document with some of its lines dropped, doubled or swapped, or its bytes changed.
fn mutated() -> impl Strategy<Value = String> {
    let lines = NOTES.lines().count();
    let edits = prop::collection::vec((0..lines, 0..lines, 0..4_u8, any::<char>()), 1..6);
    edits.prop_map(|edits| {
        let mut lines: Vec<String> = NOTES.lines().map(str::to_owned).collect();
        for (one, other, edit, character) in edits {
            let one = one % lines.len();
            match edit {
                0 if lines.len() > 1 => drop(lines.remove(one)),
                1 => lines.insert(one, lines[other % lines.len()].clone()),
                2 => {
                    let other = other % lines.len();
                    lines.swap(one, other);
                }
                _ => {
                    let line = &mut lines[one];
                    let at = line
                        .char_indices()
                        .map(|(at, _)| at)
                        .nth(other % (line.chars().count() + 1));
                    line.insert(at.unwrap_or(line.len()), character);
                }
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC*") {
        let _ = Contract::parse(&text, "x");
        let _ = Contract::parse(&format!("openapi: 3.0.0\npaths: {text}"), "x");
        let _ = Contract::parse(&format!("{{\"openapi\": \"3.1.0\", \"paths\": {{\"/\": {text}}}}}"), "x");
    }

    #[test]
    fn no_mutated_document_makes_parsing_or_judging_panic(text in mutated()) {
        if let Ok(contract) = Contract::parse(&text, "x") {
            let headers = [("content-type".into(), "application/json".into())];
            let _ = judge_response(&contract, &view(200, &headers, b"{\"id\": 1, \"replies\": [{}]}"));
        }
    }

    #[test]
    fn whatever_a_contract_says_it_differs_from_itself_in_nothing(text in mutated()) {
        if let (Ok(one), Ok(other)) = (Contract::parse(&text, "x"), Contract::parse(&text, "y")) {
            prop_assert_eq!(compare(&one, &other), vec![]);
            prop_assert!(compare(&one, &contract(NOTES)).iter().all(|d| d.message.chars().count() <= 200));
        }
    }

    #[test]
    fn no_answer_makes_judging_panic_and_no_message_is_long(
        status in 100..600_u16,
        label in "\\PC{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let headers = [("content-type".into(), label.as_str().into())];
        if let Conformance::Drifts(drifts) = judge_response(&contract(NOTES), &view(status, &headers, &body)) {
            prop_assert!(!drifts.is_empty());
            for drift in drifts {
                prop_assert!(drift.message.chars().count() <= 200);
                prop_assert!(!drift.message.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn an_answer_made_of_a_documented_example_conforms(text in "[^\\p{C}]{1,80}", mood in prop::option::of(0..2_usize)) {
        let contract = contract(NOTES);
        let operation = contract.operations().iter().find(|o| o.operation_id.as_deref() == Some("readNote")).unwrap();
        let media = &operation.response(200).unwrap().media[0];
        let mut body = (*contract.examples(media).first().unwrap()).clone();
        body["text"] = text.into();
        if let Some(mood) = mood {
            body["mood"] = ["calm", "wild"][mood].into();
        }
        let headers =
            [("etag".into(), "1".into()), ("content-type".into(), media.media_type.as_str().into())];
        let bytes = body.to_string().into_bytes();
        prop_assert_eq!(judge_response(&contract, &view(200, &headers, &bytes)), Conformance::Conforms);
    }
}
