//! In which order the members of the document are written: as people read one, and by name where nobody cares.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// What comes first, in this order, wherever it occurs.
const FIRST: &[&str] = &[
    // The document.
    "openapi",
    "info",
    "servers",
    "paths",
    // A path.
    "get",
    "put",
    "post",
    "delete",
    // An operation, a parameter, an answer, a schema.
    "name",
    "in",
    "title",
    "summary",
    "description",
    "operationId",
    "tags",
    "security",
    "required",
    "parameters",
    "requestBody",
    "responses",
    "type",
    "format",
    "headers",
    "content",
    "schema",
];

/// A value whose members are written in that order.
pub(super) struct Ordered<'a>(pub(super) &'a Value);

fn place(name: &str) -> usize {
    let place = FIRST.iter().position(|first| *first == name);
    place.unwrap_or(FIRST.len())
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| place(name));
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &Self(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            plain => plain.serialize(serializer),
        }
    }
}
