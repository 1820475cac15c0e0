use serde_json::{Value, json};

use super::contract;
use crate::contract::load::Contract;
use crate::contract::schema::Direction;

/// A document of one version that holds these schemas.
fn document(version: &str, schemas: Value) -> Contract {
    let text = json!({"openapi": version, "components": {"schemas": schemas}, "paths": {"/": {"get": {"responses": {
        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}}}}}});
    contract(&text.to_string())
}

fn verdict(contract: &Contract, direction: Direction, value: &Value) -> Vec<(&'static str, String)> {
    let violations = contract
        .violations("/components/schemas/S", direction, value, &[])
        .unwrap();
    violations
        .into_iter()
        .map(|violation| (violation.rule, violation.pointer))
        .collect()
}

/// The rules that `value` breaks under a schema.
fn rules(version: &str, schema: Value, value: Value) -> Vec<&'static str> {
    let contract = document(version, json!({"S": schema, "T": {"type": "string"}}));
    verdict(&contract, Direction::Response, &value)
        .into_iter()
        .map(|(rule, _)| rule)
        .collect()
}

#[test]
fn nullable_allows_null_in_3_0_however_it_is_written() {
    for schema in [
        json!({"type": "string", "nullable": true}),
        json!({"type": "string", "nullable": true, "enum": ["a"]}),
        json!({"nullable": true, "allOf": [{"$ref": "#/components/schemas/T"}]}),
        json!({"nullable": true, "$ref": "#/components/schemas/T"}),
    ] {
        assert_eq!(
            rules("3.0.3", schema.clone(), json!(null)),
            [] as [&str; 0],
            "{schema}"
        );
        assert_eq!(
            rules("3.0.3", schema.clone(), json!(7))[0],
            "field-type",
            "{schema}"
        );
    }
    assert_eq!(
        rules("3.0.3", json!({"type": "string"}), json!(null)),
        ["field-nullable"]
    );
    // 3.1 knows no such keyword.
    assert_eq!(
        rules("3.1.0", json!({"type": "string", "nullable": true}), json!(null)),
        ["field-nullable"]
    );
}

#[test]
fn exclusive_bounds_are_flags_in_3_0_and_numbers_in_3_1() {
    let flags = json!({"minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false});
    assert_eq!(rules("3.0.0", flags.clone(), json!(0)), ["field-bounds"]);
    assert!(rules("3.0.0", flags, json!(9)).is_empty());
    assert_eq!(
        rules("3.1.0", json!({"exclusiveMinimum": 0}), json!(0)),
        ["field-bounds"]
    );
}

#[test]
fn what_stands_beside_a_reference_counts_in_3_1_and_not_in_3_0() {
    let schema = json!({"$ref": "#/components/schemas/T", "minLength": 3});
    assert!(rules("3.0.0", schema.clone(), json!("a")).is_empty());
    assert_eq!(rules("3.1.0", schema.clone(), json!("a")), ["field-bounds"]);
    assert_eq!(rules("3.2.0", schema, json!("a")), ["field-bounds"]);
}

#[test]
fn the_place_of_a_rewritten_promise_is_the_one_in_the_document() {
    let schema =
        json!({"type": "object", "nullable": true, "allOf": [{"properties": {"a": {"type": "string"}}}]});
    let contract = document("3.0.0", json!({"S": schema}));
    let violations = contract
        .violations(
            "/components/schemas/S",
            Direction::Response,
            &json!({"a": 1}),
            &[],
        )
        .unwrap();
    assert_eq!(
        violations[0].schema_pointer,
        "/components/schemas/S/allOf/0/properties/a/type"
    );
}

#[test]
fn write_only_is_not_required_of_answers_nor_read_only_of_requests() {
    let schemas = json!({"S": {"required": ["password", "id"], "properties": {
        "password": {"type": "string", "writeOnly": true}, "id": {"$ref": "#/components/schemas/Id"}}},
        "Id": {"readOnly": true}});
    let contract = document("3.0.0", schemas);
    let removed = |name: &str| vec![("field-removed", format!("/{name}"))];
    assert_eq!(verdict(&contract, Direction::Response, &json!({})), removed("id"));
    assert_eq!(
        verdict(&contract, Direction::Request, &json!({})),
        removed("password")
    );
}

#[test]
fn three_formats_are_asserted_and_the_others_are_notes() {
    for (format, good, bad) in [
        ("date-time", "2024-05-01T10:00:00.5+02:00", "2024-05-01 10:00"),
        ("uuid", "0e0a5a1e-6d5b-4c39-9f0a-9d2f0d0a3c11", "0e0a5a1e"),
        ("uri", "https://example.org/a?b", "/relative only"),
    ] {
        let schema = json!({"type": "string", "format": format});
        assert!(rules("3.0.0", schema.clone(), json!(good)).is_empty(), "{format}");
        assert_eq!(rules("3.1.0", schema, json!(bad)), ["field-format"], "{format}");
    }
    assert!(rules("3.1.0", json!({"format": "email"}), json!("nobody")).is_empty());
    assert!(rules("3.1.0", json!({"format": "int32", "type": "integer"}), json!(1)).is_empty());
}

#[test]
fn an_example_that_looks_like_a_schema_is_not_one() {
    let schema = json!({"type": "object", "example": {"$ref": "elsewhere.json"}, "x-note": {"$ref": "#/no"},
        "default": {"$ref": "#/no"}, "properties": {"$ref": {"type": "string"}}});
    assert_eq!(rules("3.0.0", schema, json!({"$ref": 1})), ["field-type"]);
}

#[test]
fn a_union_reports_the_branch_that_was_meant() {
    let schema = json!({"oneOf": [{"type": "null"}, {"type": "object", "required": ["a"]}]});
    assert_eq!(rules("3.1.0", schema.clone(), json!({})), ["field-removed"]);
    assert_eq!(rules("3.1.0", schema, json!("x")), ["field-type"]);
    let twins = json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]});
    assert_eq!(rules("3.1.0", twins.clone(), json!({})), ["field-variant"]);
    assert_eq!(rules("3.1.0", twins, json!({"a": 1, "b": 1})), ["field-variant"]);
}

#[test]
fn a_recursive_schema_judges_every_level() {
    let tree =
        json!({"properties": {"next": {"$ref": "#/components/schemas/S"}, "name": {"type": "string"}}});
    let value = json!({"next": {"next": {"next": {"name": 7}}}});
    let contract = document("3.1.0", json!({"S": tree}));
    assert_eq!(
        verdict(&contract, Direction::Response, &value),
        [("field-type", "/next/next/next/name".to_owned())]
    );
}

#[test]
fn a_schema_that_is_itself_at_fault_judges_nothing() {
    for schema in [
        json!({"pattern": "(unclosed"}),
        json!({"type": "text"}),
        json!({"$dynamicRef": "#node"}),
        json!({"properties": {"a": 7}}),
        json!({"allOf": [{"$ref": "#/components/schemas/S"}]}),
    ] {
        let contract = document("3.1.0", json!({"S": schema}));
        let unusable = contract.violations("/components/schemas/S", Direction::Response, &json!("x"), &[]);
        let unusable = unusable.unwrap_err();
        assert!(
            unusable.pointer.starts_with("/components/schemas/S"),
            "{unusable}"
        );
    }
}
