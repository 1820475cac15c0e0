use serde_json::{Value, json};

use super::{NOTES, contract};
use crate::contract::conform::{BodyView, Conformance, ResponseView, judge_response};
use crate::contract::drift::{Drift, MAX_DRIFTS, RULES};
use crate::model::capture::Octets;

struct Answer {
    call: (&'static str, &'static str),
    status: u16,
    headers: Vec<(Octets, Octets)>,
    body: Vec<u8>,
    complete: bool,
    redacted: Vec<String>,
}

/// A 200 to `GET /notes/7` with these bytes as JSON.
fn answer(body: impl Into<Vec<u8>>) -> Answer {
    let headers = vec![
        ("etag".into(), "\"1\"".into()),
        ("content-type".into(), "application/json".into()),
    ];
    Answer {
        call: ("GET", "/api/v3/notes/7?full=1"),
        status: 200,
        headers,
        body: body.into(),
        complete: true,
        redacted: Vec::new(),
    }
}

impl Answer {
    fn judge(&self) -> Conformance {
        let view = ResponseView {
            method: self.call.0,
            path: self.call.1,
            base_path: "/api/v3",
            status: self.status,
            headers: &self.headers,
            body: BodyView {
                bytes: &self.body,
                complete: self.complete,
            },
            redacted: &self.redacted,
        };
        judge_response(&contract(NOTES), &view)
    }

    fn drifts(&self) -> Vec<Drift> {
        match self.judge() {
            Conformance::Drifts(drifts) => {
                assert!(!drifts.is_empty() && drifts.len() <= MAX_DRIFTS);
                for drift in &drifts {
                    assert!(RULES.iter().any(|(id, _)| *id == drift.rule), "{}", drift.rule);
                    assert!(drift.message.chars().count() <= 200);
                    assert!(
                        contract(NOTES)
                            .document()
                            .pointer(&drift.contract_pointer)
                            .is_some(),
                        "{drift:?}"
                    );
                }
                drifts
            }
            other => panic!("{other:?}"),
        }
    }

    fn rules(&self) -> Vec<(&'static str, String)> {
        self.drifts()
            .into_iter()
            .map(|drift| (drift.rule, drift.pointer))
            .collect()
    }
}

fn note() -> Value {
    json!({"id": "0e0a5a1e-6d5b-4c39-9f0a-9d2f0d0a3c11", "text": "hello", "mood": "calm", "owner": null,
        "at": "2024-05-01T10:00:00Z", "replies": []})
}

fn with(change: impl FnOnce(&mut Value)) -> Answer {
    let mut note = note();
    change(&mut note);
    answer(note.to_string())
}

#[test]
fn an_answer_as_documented_conforms() {
    assert_eq!(answer(note().to_string()).judge(), Conformance::Conforms);
}

#[test]
fn each_way_to_break_a_field_has_its_own_rule_and_place() {
    let cases: [(Value, Value, &str); 9] = [
        (json!("text"), json!(7), "field-type"),
        (json!("text"), json!(null), "field-nullable"),
        (json!("text"), json!(""), "field-bounds"),
        (json!("id"), json!("seven"), "field-format"),
        (json!("at"), json!("yesterday"), "field-format"),
        (json!("mood"), json!("sad"), "field-enum"),
        (json!("owner"), json!(7), "field-type"),
        (json!("replies"), json!({}), "field-type"),
        (json!("extra"), json!(1), "field-unexpected"),
    ];
    for (field, value, rule) in cases {
        let field = field.as_str().unwrap().to_owned();
        let answer = with(|note| note[&field] = value.clone());
        assert_eq!(answer.rules(), [(rule, format!("/{field}"))], "{field} = {value}");
    }
}

#[test]
fn a_missing_field_is_told_from_a_renamed_one() {
    let removed = with(|note| drop(note.as_object_mut().unwrap().remove("text")));
    assert_eq!(removed.rules(), [("field-removed", "/text".to_owned())]);
    let renamed = with(|note| {
        let text = note.as_object_mut().unwrap().remove("text").unwrap();
        note["Text"] = text;
    });
    assert_eq!(
        renamed.rules(),
        [
            ("field-unexpected", "/Text".to_owned()),
            ("field-renamed", "/text".to_owned())
        ]
    );
}

#[test]
fn names_the_promise_by_its_place_behind_references() {
    let broken = with(|note| note["replies"] = json!([{"id": 1, "text": "x"}]));
    let drifts = broken.drifts();
    assert_eq!(drifts[0].pointer, "/replies/0/id");
    assert_eq!(
        drifts[0].contract_pointer,
        "/components/schemas/Note/properties/id/type"
    );
    insta::assert_snapshot!(drifts[0].message, @"/replies/0/id: expected string, got number 1");
}

#[test]
fn the_same_fault_in_every_item_is_one_drift_with_its_count() {
    let bad: Vec<Value> = (0..300).map(|_| json!({"id": 1, "text": "x"})).collect();
    let drifts = with(|note| note["replies"] = json!(bad)).drifts();
    assert_eq!(drifts.len(), 1);
    assert_eq!(
        (drifts[0].pointer.as_str(), drifts[0].count),
        ("/replies/0/id", 300)
    );
}

#[test]
fn a_flood_of_different_faults_is_cut_at_twenty() {
    let flood = with(|note| {
        for index in 0..100 {
            note[format!("extra{index}")] = json!("\u{1b}[2J".repeat(1000));
        }
    });
    assert_eq!(flood.drifts().len(), MAX_DRIFTS);
    assert!(!flood.drifts()[0].message.contains('\u{1b}'));
}

#[test]
fn an_undocumented_status_says_of_which_kind_it_is() {
    for (status, rule) in [
        (500, "status-undocumented-5xx"),
        (503, "status-undocumented-5xx"),
        (302, "status-undocumented"),
    ] {
        assert_eq!(
            Answer {
                status,
                ..answer("x")
            }
            .rules(),
            [(rule, String::new())]
        );
    }
    let created = Answer {
        status: 418,
        call: ("POST", "/api/v3/notes"),
        ..answer("x")
    };
    assert_eq!(created.rules(), [("status-undocumented-4xx", String::new())]);
    // Its status is known however little of the body is.
    let cut = Answer {
        status: 500,
        complete: false,
        ..answer("")
    };
    assert_eq!(cut.rules(), [("status-undocumented-5xx", String::new())]);
}

#[test]
fn a_range_documents_its_statuses() {
    let mut missing = Answer {
        status: 404,
        ..answer(r#"{"detail": "no such note"}"#)
    };
    missing.headers[1].1 = "application/problem+json; charset=utf-8".into();
    assert_eq!(missing.judge(), Conformance::Conforms);
    missing.body = b"{}".to_vec();
    assert_eq!(missing.rules(), [("field-removed", "/detail".to_owned())]);
}

#[test]
fn a_wrong_or_missing_label_is_drift_and_the_json_behind_it_is_still_judged() {
    let mut html = answer("<h1>Bad gateway</h1>");
    html.headers[1].1 = "text/html".into();
    assert_eq!(html.rules(), [("content-type-wrong", String::new())]);
    html.body = br#"{"text": "x"}"#.to_vec();
    assert_eq!(
        html.rules(),
        [
            ("content-type-wrong", String::new()),
            ("field-removed", "/id".to_owned())
        ]
    );
    html.headers.pop();
    assert_eq!(html.rules()[0], ("content-type-missing", String::new()));
}

#[test]
fn a_required_header_is_missed_whatever_its_case() {
    let mut bare = answer(note().to_string());
    bare.headers[0].0 = "ETAG".into();
    assert_eq!(bare.judge(), Conformance::Conforms);
    bare.headers.remove(0);
    assert_eq!(bare.rules(), [("header-missing", String::new())]);
}

#[test]
fn what_is_not_json_is_said_to_be_so() {
    for body in ["{\"id\": NaN}", "{", "\u{0}", "hello", "{} {}"] {
        assert_eq!(answer(body).rules(), [("body-not-json", String::new())], "{body}");
    }
    assert_eq!(answer("").rules(), [("body-missing", String::new())]);
    assert_eq!(answer([0xff, 0xfe]).rules(), [("body-not-json", String::new())]);
    assert_eq!(
        answer(format!("\u{feff}{}", note())).judge(),
        Conformance::Conforms
    );
}

#[test]
fn a_body_that_was_not_seen_whole_is_inconclusive() {
    let whole = note().to_string();
    for length in [0, 1, whole.len() / 2] {
        let cut = Answer {
            complete: false,
            ..answer(&whole.as_bytes()[..length])
        };
        assert!(matches!(cut.judge(), Conformance::Inconclusive(_)), "{length}");
    }
    let deep = answer(format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
    assert!(matches!(deep.judge(), Conformance::Inconclusive(_)));
}

#[test]
fn a_placeholder_breaks_no_format_and_still_has_its_kind() {
    let hidden = |value: Value| {
        let mut hidden = with(|note| {
            note["id"] = value.clone();
            note["mood"] = json!("xxxx");
        });
        hidden.redacted = vec!["/id".to_owned(), "/mood".to_owned()];
        hidden
    };
    assert_eq!(hidden(json!("xxxxxxxx")).judge(), Conformance::Conforms);
    assert_eq!(hidden(json!(7)).rules(), [("field-type", "/id".to_owned())]);
    // Only where something was hidden.
    let other = Answer {
        redacted: vec!["/idx".to_owned()],
        ..with(|note| note["id"] = json!("xxxx"))
    };
    assert_eq!(other.rules(), [("field-format", "/id".to_owned())]);
}

#[test]
fn no_body_is_looked_for_where_none_can_be() {
    let none = Answer {
        call: ("POST", "/api/v3/notes"),
        status: 204,
        headers: Vec::new(),
        ..answer("")
    };
    assert_eq!(none.judge(), Conformance::Conforms);
    let head = Answer {
        call: ("HEAD", "/api/v3/notes/7"),
        ..answer("")
    };
    assert_eq!(head.judge(), Conformance::Conforms);
}

#[test]
fn only_an_undocumented_operation_that_works_is_drift() {
    let call = |method, path, status| Answer {
        call: (method, path),
        status,
        ..answer("{}")
    };
    assert_eq!(
        call("GET", "/api/v3/secrets", 200).rules(),
        [("operation-undocumented", String::new())]
    );
    assert_eq!(
        call("DELETE", "/api/v3/notes/7", 200).rules(),
        [("operation-undocumented", String::new())]
    );
    for quiet in [
        call("GET", "/api/v3/secrets", 404),
        call("DELETE", "/api/v3/notes/7", 405),
        call("GET", "/api/v3/secrets", 401),
        call("OPTIONS", "/api/v3/notes/7", 200),
        call("GET", "/api/v3/openapi.json", 200),
    ] {
        assert!(
            matches!(quiet.judge(), Conformance::NotJudged(_)),
            "{:?}",
            quiet.call
        );
    }
}

#[test]
fn a_body_under_a_range_of_media_types_is_held_to_its_schema_only_as_json() {
    let call = ("GET", "/api/v3/export/all.csv");
    let mut csv = Answer {
        call,
        ..answer("a,b")
    };
    csv.headers[1].1 = "text/csv".into();
    assert_eq!(csv.judge(), Conformance::Conforms);
    csv.headers[1].1 = "application/json".into();
    assert_eq!(csv.rules(), [("body-not-json", String::new())]);
    csv.body = b"[]".to_vec();
    assert_eq!(csv.rules(), [("field-type", String::new())]);
}
