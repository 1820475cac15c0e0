use serde_json::json;

use super::*;

fn read(value: Value) -> Result<OrchestrateRequest, Vec<FieldError>> {
    Ask::from_json(value).map(|ask| ask.request)
}

#[test]
fn an_empty_object_has_every_default() {
    let request = read(json!({})).unwrap();
    assert_eq!(request, OrchestrateRequest::default());
    assert!(!request.output.save_to_db && request.output.return_results);
    assert_eq!(
        (request.language.as_str(), request.entity_type.as_str()),
        ("pt-BR", "restaurant")
    );
}

#[test]
fn an_output_object_has_other_defaults_than_none() {
    let output = read(json!({"output": {}})).unwrap().output;
    assert!(output.save_to_db && !output.return_results);
    assert_eq!(output.format, Format::Full);
    assert_eq!(read(json!({"output": null})).unwrap().output, Output::default());
}

#[test]
fn null_counts_as_absent_and_unknown_fields_are_ignored() {
    let sent = json!({"text": null, "language": null, "entity_type": null, "colour": 3});
    assert_eq!(read(sent).unwrap(), OrchestrateRequest::default());
}

#[test]
fn names_every_wrong_field_by_pointer() {
    let sent =
        json!({"text": 1, "output": {"save_to_db": "yes"}, "language": "portuguese", "place_id": "a\u{0}b"});
    let errors = read(sent).unwrap_err();
    let mut pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        ["/language", "/output/save_to_db", "/place_id", "/text"]
    );
}

#[test]
fn a_body_that_is_no_object_is_wrong_as_a_whole() {
    for value in [json!(null), json!([]), json!("text"), json!(3)] {
        assert_eq!(read(value).unwrap_err()[0].pointer, "");
    }
}

#[test]
fn a_text_may_be_long_but_not_endless() {
    assert!(read(json!({"text": "ã".repeat(MAX_TEXT)})).is_ok());
    assert_eq!(
        read(json!({"text": "ã".repeat(MAX_TEXT + 1)})).unwrap_err()[0].pointer,
        "/text"
    );
}
