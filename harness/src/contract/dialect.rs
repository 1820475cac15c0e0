//! The keywords of JSON Schema that have a meaning here, and those of OpenAPI 3.0 in their words.

use serde_json::{Map, Value, json};

/// The formats that are asserted; all others stay annotations, as OpenAPI and JSON Schema have them.
pub(crate) const ASSERTED_FORMATS: [&str; 3] = ["date-time", "uri", "uuid"];

/// How a keyword holds subschemas.
#[derive(Clone, Copy)]
pub(crate) enum Holds {
    One,
    Many,
    Named,
}

/// How `keyword` holds subschemas, and whether these apply to the very value that the schema applies to.
pub(crate) fn holds(keyword: &str) -> Option<(Holds, bool)> {
    match keyword {
        "not" | "if" | "then" | "else" => Some((Holds::One, true)),
        "allOf" | "anyOf" | "oneOf" => Some((Holds::Many, true)),
        "dependentSchemas" => Some((Holds::Named, true)),
        "items"
        | "additionalProperties"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Some((Holds::One, false)),
        "prefixItems" => Some((Holds::Many, false)),
        "properties" | "patternProperties" => Some((Holds::Named, false)),
        _ => None,
    }
}

/// Keywords that assert something about a value and hold no subschema.
pub(crate) fn asserts(keyword: &str) -> bool {
    matches!(
        keyword,
        "type"
            | "enum"
            | "const"
            | "multipleOf"
            | "maximum"
            | "exclusiveMaximum"
            | "minimum"
            | "exclusiveMinimum"
            | "maxLength"
            | "minLength"
            | "pattern"
            | "maxItems"
            | "minItems"
            | "uniqueItems"
            | "maxContains"
            | "minContains"
            | "maxProperties"
            | "minProperties"
            | "required"
            | "dependentRequired"
    )
}

/// The keywords that OpenAPI 3.0 has of its own, in the words of 2020-12. `nullable` is read as its writers mean it:
/// also beside `enum`, `allOf` and `$ref`, where the specification's letter gives it no effect.
pub(crate) fn from_3_0(original: &Map<String, Value>, mut out: Map<String, Value>) -> Value {
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if let Some(Value::Bool(is_exclusive)) = original.get(exclusive) {
            out.remove(exclusive);
            if *is_exclusive && let Some(value) = out.remove(limit) {
                out.insert(exclusive.to_owned(), value);
            }
        }
    }
    if original.get("nullable") != Some(&Value::Bool(true)) {
        return Value::Object(out);
    }
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let simple = !["$ref", "allOf", "anyOf", "oneOf", "not"]
        .iter()
        .any(|keyword| out.contains_key(*keyword));
    match out.get("type") {
        Some(Value::String(kind)) if simple => {
            let kinds = json!([kind, "null"]);
            out.insert("type".to_owned(), kinds);
            Value::Object(out)
        }
        _ if simple => Value::Object(out),
        // Not `anyOf`: under `else`, what is violated is still named by its own place.
        _ => json!({"if": {"type": "null"}, "then": true, "else": out}),
    }
}
