//! The payload of a step's request: its value, with what takes the place of its parts.

use serde_json::Value;

use crate::drive::scenario::evaluate;
use crate::drive::scenario::fill::Unsendable;
use crate::drive::scenario::values::{Form, Scene};
use crate::scenario::document::{Language, Replacement};
use crate::scenario::source::Node;

/// The payload with what takes the place of its parts.
pub(super) fn replaced(
    payload: &Node,
    replacements: &[Replacement],
    scene: &Scene<'_>,
    form: Form,
) -> Result<Value, Unsendable> {
    let mut value = evaluate::value(payload, scene, form)?;
    for replacement in replacements {
        let new = match evaluate::value(&replacement.value, scene, form) {
            Err(missing) if missing.is_input => continue,
            other => other?,
        };
        let target = &replacement.target.value;
        let pointers = match replacement.language {
            Language::JsonPath => pointers(&value, target),
            _ => vec![target.clone()],
        };
        for pointer in pointers {
            if !put(&mut value, &pointer, &new) {
                return Err(Unsendable::Other(format!(
                    "its payload has no place at `{target}`"
                )));
            }
        }
    }
    Ok(value)
}

/// The places that a query selects, as JSON Pointers.
fn pointers(value: &Value, query: &str) -> Vec<String> {
    let Ok(query) = serde_json_path::JsonPath::parse(query) else {
        return Vec::new();
    };
    let located = query.query_located(value);
    located.locations().map(|place| place.to_json_pointer()).collect()
}

/// Puts a value at a JSON Pointer; the last member is made when it is not there, and `-` is behind the last element.
fn put(value: &mut Value, pointer: &str, new: &Value) -> bool {
    if pointer.is_empty() {
        *value = new.clone();
        return true;
    }
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        return false;
    };
    let last = last.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(last, new.clone());
            true
        }
        Some(Value::Array(items)) if last == "-" => {
            items.push(new.clone());
            true
        }
        Some(Value::Array(items)) => {
            let slot = last.parse().ok().and_then(|at: usize| items.get_mut(at));
            slot.map(|slot| *slot = new.clone()).is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_replacement_is_put_where_its_pointer_leads() {
        let mut value = json!({"a": [1, 2], "b/c": {}});
        for (pointer, new, done) in [
            ("/a/0", json!(9), true),
            ("/a/-", json!(3), true),
            ("/b~1c/d", json!("e"), true),
            ("/a/7", json!(0), false),
            ("/x/y", json!(0), false),
        ] {
            assert_eq!(put(&mut value, pointer, &new), done, "{pointer}");
        }
        assert_eq!(value, json!({"a": [9, 2, 3], "b/c": {"d": "e"}}));
        assert!(put(&mut value, "", &json!(1)) && value == json!(1));
        assert_eq!(
            pointers(&json!({"a": [{"b": 1}, {"b": 2}]}), "$.a[*].b"),
            ["/a/0/b", "/a/1/b"]
        );
    }
}
