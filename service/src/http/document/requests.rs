//! What reading does to every request, whatever it asks for: `null` counts as absent, and no text holds a NUL
//! (`crate::http::fields`). And what is told of parameters that are judged by the operation itself.

use serde_json::{Value, json};

use crate::domain::data::categories::LONGEST_CATEGORY;
use crate::http::ask::MAX_NAME;
use crate::http::document::each_operation;

/// A text without NUL, which databases do not take.
const WITHOUT_NUL: &str = r"^[^\u0000]*$";

pub(super) fn apply(document: &mut Value) {
    let mut bodies = Vec::new();
    each_operation(document, |operation| {
        let content = operation
            .value
            .pointer("/requestBody/content")
            .and_then(Value::as_object);
        let schemas = content
            .into_iter()
            .flat_map(|content| content.values())
            .filter_map(|media| media["schema"]["$ref"].as_str());
        bodies.extend(schemas.map(str::to_owned));
        let parameters = operation
            .value
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(parameter);
    });
    for body in bodies {
        read_loosely(document, &body, false);
    }
    let names = &mut document["components"]["schemas"]["ConceptCategoriesChange"]["properties"]["categories"];
    names["items"]["pattern"] = format!("^[a-z0-9_]{{1,{LONGEST_CATEGORY}}}$").into();
}

fn parameter(parameter: &mut Value) {
    let place = parameter["in"].as_str().unwrap_or_default().to_owned();
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let schema = &mut parameter["schema"];
    match (place.as_str(), name.as_str()) {
        // Ours are; no other is ever found.
        ("path", "id") => schema["format"] = "uuid".into(),
        ("path", "entity_type") => {
            schema["minLength"] = 1.into();
            schema["maxLength"] = MAX_NAME.into();
            schema["pattern"] = r"^[^\u0000-\u001f\u007f-\u009f]+$".into();
        }
        // A page begins where one before ended: the id of 36 characters, in base64url.
        ("query", "cursor") => {
            schema["maxLength"] = 48.into();
            schema["pattern"] = "^[A-Za-z0-9_-]{48}$".into();
        }
        // A SHA-256 in base64url (RFC 7636 §4.2).
        ("query", "code_challenge") => schema["pattern"] = "^[A-Za-z0-9_-]{43}$".into(),
        ("query", "entity_id" | "entity_type") => schema["pattern"] = WITHOUT_NUL.into(),
        // Visible ASCII.
        ("header", "Idempotency-Key") => schema["pattern"] = "^[!-~]+$".into(),
        _ => {}
    }
}

/// Lets what is optional be `null`, in this schema and those that it is made of.
fn read_loosely(document: &mut Value, reference: &str, optional: bool) {
    let Some(schema) = reference
        .strip_prefix('#')
        .and_then(|pointer| document.pointer_mut(pointer))
    else {
        return;
    };
    if optional {
        schema["nullable"] = true.into();
        // A list of values that leaves it out would still refuse it (OpenAPI 3.0.3 §4.7.24.1).
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
    }
    let required = schema.get("required").cloned().unwrap_or_else(|| json!([]));
    let is_required = |name: &str| {
        required
            .as_array()
            .is_some_and(|names| names.iter().any(|known| known == name))
    };
    let mut parts = Vec::new();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        let optional = !is_required(name);
        let inner = property.pointer("/allOf/0/$ref").and_then(Value::as_str);
        if let Some(inner) = inner {
            parts.push((inner.to_owned(), optional));
            continue;
        }
        if optional {
            property["nullable"] = true.into();
        }
        // What has a longest length is read as a text; base64 is looked at by who decodes it.
        let is_text = property.get("maxLength").is_some() && property.get("pattern").is_none();
        if is_text {
            property["pattern"] = WITHOUT_NUL.into();
        }
    }
    for (part, optional) in parts {
        read_loosely(document, &part, optional);
    }
}
