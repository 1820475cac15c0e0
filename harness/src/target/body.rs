//! Values inside JSON bodies, by JSON Pointer (RFC 6901).

use serde_json::Value;

/// Puts `new` where `pointer` points. The last member of an object may be new, nothing above it; false when there is
/// no such place, and then nothing changed.
pub fn put(body: &mut Value, pointer: &str, new: Value) -> bool {
    if let Some(there) = body.pointer_mut(pointer) {
        *there = new;
        return true;
    }
    let Some((parent, member)) = pointer.rsplit_once('/') else {
        return false;
    };
    let Some(Value::Object(members)) = body.pointer_mut(parent) else {
        return false;
    };
    members.insert(member.replace("~1", "/").replace("~0", "~"), new);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_where_it_is_pointed_to() {
        let mut body = serde_json::json!({"a": [1, {"b": 2}]});
        assert!(put(&mut body, "/a/1/b", 3.into()));
        assert!(put(&mut body, "/a/1/x~1y", 4.into()));
        assert!(put(&mut body, "/new", 5.into()));
        assert_eq!(body, serde_json::json!({"a": [1, {"b": 3, "x/y": 4}], "new": 5}));
    }

    #[test]
    fn a_place_that_is_not_there_changes_nothing() {
        let mut body = serde_json::json!({"a": [1]});
        for pointer in ["/a/7", "/b/c", "/a/0/x", "nonsense"] {
            assert!(!put(&mut body, pointer, 3.into()), "{pointer}");
        }
        assert_eq!(body, serde_json::json!({"a": [1]}));
    }
}
