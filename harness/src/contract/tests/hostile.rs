use serde_json::{Map, Value, json};

use super::contract;
use crate::contract::schema::Direction;

/// A document whose schemas `S0`, `S1`, … each hold what `link` makes of a reference to the next.
fn chain(length: usize, link: impl Fn(Value) -> Value) -> String {
    let mut schemas = Map::new();
    for index in 0..length {
        let next = json!({"$ref": format!("#/components/schemas/S{}", index + 1)});
        schemas.insert(format!("S{index}"), link(next));
    }
    schemas.insert(format!("S{length}"), json!({"type": "string"}));
    json!({"openapi": "3.1.0", "components": {"schemas": schemas}, "paths": {"/": {"get": {"responses": {"200": {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}}}})
    .to_string()
}

fn judged(text: &str, value: Value) -> Result<usize, String> {
    let contract = contract(text);
    let violations = contract.violations("/components/schemas/S0", Direction::Response, &value, &[]);
    violations
        .map(|violations| violations.len())
        .map_err(|unusable| unusable.why)
}

#[test]
fn a_long_chain_of_references_exhausts_no_stack() {
    assert_eq!(
        judged(
            &chain(4_000, |next| json!({"properties": {"a": next}})),
            json!({"a": 1})
        ),
        Ok(0)
    );
    assert!(judged(&chain(4_000, |next| json!({"allOf": [next]})), json!(1)).is_err());
    assert!(judged(&chain(20_000, |next| json!({"items": next})), json!(1)).is_err());
    assert_eq!(
        judged(&chain(20, |next| json!({"allOf": [next]})), json!(1)),
        Ok(1)
    );
}

#[test]
fn a_chain_that_doubles_at_every_step_is_refused_before_it_is_walked() {
    let text = chain(30, |next| json!({"allOf": [next.clone(), next]}));
    assert!(judged(&text, json!(1)).unwrap_err().contains("ways"));
}

#[test]
fn schemas_nested_as_deep_as_a_document_allows_are_judged() {
    let schema = (0..50).fold(json!({"type": "string"}), |inner, _| json!({"items": inner}));
    let value = (0..50).fold(json!(1), |inner, _| json!([inner]));
    let text = chain(1, |_| schema.clone());
    assert_eq!(judged(&text, value), Ok(1));
}

#[test]
fn a_pattern_that_backtracks_without_end_is_given_up() {
    let text = chain(1, |_| json!({"pattern": "^(a+)+$(?=b)"}));
    let long = "a".repeat(40) + "!";
    let _ = judged(&text, json!(long));
    let huge = chain(1, |_| json!({"pattern": "((a{1,1000}){1,1000}){1,1000}"}));
    assert!(judged(&huge, json!("a")).is_err());
}

#[test]
fn a_list_with_a_fault_in_each_of_its_items_stays_bounded() {
    let text = chain(1, |_| json!({"items": {"type": "string"}}));
    let value = Value::Array(vec![json!(1); 200_000]);
    assert_eq!(judged(&text, value), Ok(1));
}

#[test]
fn work_that_doubles_with_every_level_of_the_body_is_abandoned() {
    let again = json!({"properties": {"x": {"$ref": "#/components/schemas/S0"}}, "required": ["x"]});
    let text = chain(1, |_| json!({"anyOf": [again.clone(), again]}));
    let value = (0..100).fold(json!({}), |inner, _| json!({"x": inner}));
    let contract = contract(&text);
    let judge =
        |value: &Value| contract.violations("/components/schemas/S0", Direction::Response, value, &[]);
    assert!(judge(&value).unwrap_err().why.contains("more work"));
    // The next body starts with a full allowance.
    assert_eq!(judge(&json!({"x": {"x": {}}})).unwrap().len(), 1);
}
