//! A body that an operation should accept, when nobody said what it takes: an example of the contract's own, or else the
//! least that its schema asks for, and a short text where a text is what it is about.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use crate::contract::load::Contract;
use crate::contract::operation::{MediaSpec, Operation};
use crate::contract::place::Place;

/// What is said where a text goes in.
pub const TEXT: &str = "The kitchen closes at ten.";

/// Members that hold what an operation is about, likeliest first.
const ABOUT: &[&str] = &[
    "text",
    "prompt",
    "message",
    "input",
    "content",
    "query",
    "question",
    "body",
    "description",
];
/// Schemas nested deeper than this are not built.
const DEEPEST: usize = 6;
/// Nor one with more parts than this: a document can be small and unfold without end.
const MOST_PARTS: usize = 500;

impl Contract {
    /// A JSON body that this operation should accept; `None` when it takes none, or none can be built.
    pub fn guess_body(&self, operation: &Operation) -> Option<Value> {
        let media = operation.request_body.as_ref()?.media.iter();
        let media = media.filter(|media| {
            media
                .media_type
                .split(';')
                .next()
                .is_some_and(|name| name.contains("json"))
        });
        self.guess_media(media.min_by_key(|media| media.media_type.len())?)
    }

    /// What should be accepted under one media type, as a value; `None` when none can be built.
    pub fn guess_media(&self, media: &MediaSpec) -> Option<Value> {
        if let Some(example) = self.examples(media).first() {
            return Some((*example).clone());
        }
        let Some(pointer) = &media.schema else {
            return Some(json!({}));
        };
        let schema = Place {
            pointer: pointer.clone(),
            value: self.document().pointer(pointer)?,
        };
        let left = Cell::new(MOST_PARTS);
        let builder = Builder {
            contract: self,
            left: &left,
        };
        let mut body = builder.least(schema, DEEPEST)?;
        say_something(self, pointer, &mut body);
        Some(body)
    }
}

/// Puts a text where the operation takes one, when nothing that must be there does so already.
fn say_something(contract: &Contract, pointer: &str, body: &mut Value) {
    let schema = contract.document().pointer(pointer).map(|value| Place {
        pointer: pointer.to_owned(),
        value,
    });
    let schema = schema.and_then(|schema| schema.follow(contract.document()).ok());
    let (Some(schema), Some(members)) = (schema, body.as_object_mut()) else {
        return;
    };
    let named = schema
        .member("properties")
        .map(|all| all.members())
        .unwrap_or_default();
    let takes = |name: &&&str| {
        named
            .iter()
            .any(|(known, place)| known == *name && is_text(place))
    };
    if let Some(name) = ABOUT.iter().find(takes) {
        members.insert((*name).to_owned(), TEXT.into());
    }
}

fn is_text(place: &Place<'_>) -> bool {
    place.value.get("type").is_some_and(|kind| {
        kind == "string"
            || kind
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind == "string"))
    }) && place.member("enum").is_none()
}

/// Builds values, so many parts of them at most.
struct Builder<'c> {
    contract: &'c Contract,
    left: &'c Cell<usize>,
}

impl Builder<'_> {
    /// The least value that a schema admits, as far as that can be told from its own words.
    fn least(&self, schema: Place<'_>, deep: usize) -> Option<Value> {
        let schema = schema.follow(self.contract.document()).ok()?;
        let deep = deep.checked_sub(1)?;
        self.left.set(self.left.get().checked_sub(1)?);
        for known in ["const", "example", "default"] {
            if let Some(value) = schema.value.get(known) {
                return Some(value.clone());
            }
        }
        if let Some(first) = schema
            .member("enum")
            .and_then(|list| list.items().into_iter().next())
        {
            return Some(first.value.clone());
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(list) = schema.member(choice) {
                return list.items().into_iter().find_map(|one| self.least(one, deep));
            }
        }
        if let Some(list) = schema.member("allOf") {
            return self.merged(&list, deep);
        }
        match kind(&schema) {
            "object" => self.object(&schema, deep),
            "array" => self.array(&schema, deep),
            "integer" | "number" => Some(number(&schema)),
            "boolean" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            _ => Some(string(&schema).into()),
        }
    }

    fn merged(&self, list: &Place<'_>, deep: usize) -> Option<Value> {
        let mut whole = Map::new();
        let mut other = None;
        for part in list.items() {
            match self.least(part, deep)? {
                Value::Object(members) => whole.extend(members),
                value => other = other.or(Some(value)),
            }
        }
        if whole.is_empty() {
            other
        } else {
            Some(Value::Object(whole))
        }
    }

    fn object(&self, schema: &Place<'_>, deep: usize) -> Option<Value> {
        let members = schema
            .member("properties")
            .map(|all| all.members())
            .unwrap_or_default();
        let required = schema
            .member("required")
            .map(|list| list.items())
            .unwrap_or_default();
        let mut object = Map::new();
        for name in required.iter().filter_map(|name| name.value.as_str()) {
            let member = members.iter().find(|(known, _)| *known == name);
            let value = match member {
                Some((_, place)) => {
                    let place = Place {
                        pointer: place.pointer.clone(),
                        value: place.value,
                    };
                    self.least(place, deep)?
                }
                None => Value::String(TEXT.to_owned()),
            };
            object.insert(name.to_owned(), value);
        }
        Some(Value::Object(object))
    }

    fn array(&self, schema: &Place<'_>, deep: usize) -> Option<Value> {
        let least_items = schema.value.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if least_items == 0 {
            return Some(json!([]));
        }
        let item = self.least(schema.member("items")?, deep)?;
        let many = usize::try_from(least_items).ok().filter(|many| *many <= 16)?;
        Some(Value::Array(vec![item; many]))
    }
}

/// The type that a schema names or means.
fn kind<'a>(schema: &Place<'a>) -> &'a str {
    match schema.value.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or("null"),
        _ if schema.member("properties").is_some() => "object",
        _ if schema.member("items").is_some() => "array",
        _ => "string",
    }
}

fn number(schema: &Place<'_>) -> Value {
    let least = schema.value.get("minimum").cloned();
    let above = schema.value.get("exclusiveMinimum").and_then(Value::as_f64);
    least
        .or_else(|| above.map(|above| json!(above.floor() as i64 + 1)))
        .unwrap_or_else(|| json!(1))
}

fn string(schema: &Place<'_>) -> String {
    let text = match schema.text("format") {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "12:00:00Z",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("email") => "nobody@example.com",
        Some("uri" | "url") => "https://example.com/",
        _ => TEXT,
    };
    let most = schema.value.get("maxLength").and_then(Value::as_u64);
    let most = most
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(usize::MAX);
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(schema: &str) -> Option<Value> {
        let text = format!(
            r##"{{"openapi":"3.1.0","info":{{"title":"x","version":"1"}},
            "components":{{"schemas":{{"Tag":{{"type":"string","enum":["a","b"]}},"Node":{{"type":"object","required":["next"],"properties":{{"next":{{"$ref":"#/components/schemas/Node"}}}}}}}}}},
            "paths":{{"/x":{{"post":{{"requestBody":{{"content":{{"application/json":{schema}}}}},"responses":{{}}}}}}}}}}"##
        );
        let contract = Contract::parse(&text, "x").unwrap();
        let operation = contract.operations()[0].clone();
        contract.guess_body(&operation)
    }

    #[test]
    fn an_example_of_the_contract_is_better_than_any_guess() {
        assert_eq!(
            guessed(r#"{"example":{"a":1},"schema":{"type":"object"}}"#),
            Some(json!({"a": 1}))
        );
    }

    #[test]
    fn what_must_be_there_is_there_and_a_text_where_one_goes_in() {
        let schema = r##"{"schema":{"type":"object","required":["tag","n","when","list","deep"],"properties":{
            "tag":{"$ref":"#/components/schemas/Tag"},"n":{"type":"integer","minimum":3},
            "when":{"type":"string","format":"date"},"list":{"type":"array","minItems":2,"items":{"type":"boolean"}},
            "deep":{"allOf":[{"type":"object","required":["x"],"properties":{"x":{"type":["null","number"]}}}]},
            "text":{"type":"string"},"unneeded":{"type":"string"}}}}"##;
        let wanted =
            json!({"tag":"a","n":3,"when":"2026-01-01","list":[false,false],"deep":{"x":1},"text":TEXT});
        assert_eq!(guessed(schema), Some(wanted));
    }

    /// An object of so many members that must be there, each of them one as well, so deep.
    fn nested(members: usize, deep: usize) -> String {
        let inner = match deep {
            0 => r#"{"type":"boolean"}"#.to_owned(),
            _ => nested(members, deep - 1),
        };
        let names: Vec<String> = (0..members).map(|n| format!("\"m{n}\"")).collect();
        let all: Vec<String> = names.iter().map(|name| format!("{name}:{inner}")).collect();
        format!(
            r#"{{"type":"object","required":[{}],"properties":{{{}}}}}"#,
            names.join(","),
            all.join(",")
        )
    }

    #[test]
    fn a_schema_that_unfolds_into_thousands_of_parts_is_not_built() {
        let built = |members| guessed(&format!(r#"{{"schema":{}}}"#, nested(members, 2))).is_some();
        assert_eq!((built(4), built(20)), (true, false));
    }

    #[test]
    fn a_schema_without_end_is_not_built() {
        assert_eq!(
            guessed(r##"{"schema":{"$ref":"#/components/schemas/Node"}}"##),
            None
        );
    }
}
