//! JSON that stands in a profile as TOML: bodies and expected values.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::model::target::Expect;
use crate::target::fault::{Fault, quote, suggest};
use crate::target::profile::Expected;

/// The words that an expectation may be.
const WORDS: [&str; 2] = ["nonempty", "present"];

/// Reads any TOML value that JSON has too.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    convert(value).map(Some).map_err(D::Error::custom)
}

/// The same value in JSON.
fn convert(value: toml::Value) -> Result<Value, Fault> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| {
                let why = "JSON has neither infinities nor NaN (RFC 8259 §6)";
                Fault::new(
                    format!("{number} cannot go into a JSON body"),
                    why,
                    "write a finite number",
                )
            })?,
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(when) => {
            let why = "JSON has no dates (RFC 8259 §3)";
            let next = format!("put it in quotes: \"{when}\"");
            return Err(Fault::new("a TOML date cannot go into a JSON body", why, next));
        }
        toml::Value::Array(items) => Value::Array(items.into_iter().map(convert).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => {
            let members = table.into_iter().map(|(key, value)| Ok((key, convert(value)?)));
            Value::Object(members.collect::<Result<_, Fault>>()?)
        }
    })
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExpectedReader)
    }
}

struct ExpectedReader;

impl<'de> Visitor<'de> for ExpectedReader {
    type Value = Expected;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"nonempty\", \"present\" or { equals = … }")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Expected, E> {
        match word {
            "nonempty" => Ok(Expected(Expect::Nonempty)),
            "present" => Ok(Expected(Expect::Present)),
            _ => {
                let why = "an expectation is \"nonempty\", \"present\" or { equals = … }";
                let next = match suggest(word, &WORDS) {
                    near if near.starts_with("did") => near,
                    _ => "to expect this very text, write { equals = \"…\" }".to_owned(),
                };
                Err(E::custom(Fault::new(
                    format!("{} is not an expectation", quote(word)),
                    why,
                    next,
                )))
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expected, A::Error> {
        let mut equals = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "equals" {
                equals = Some(convert(map.next_value()?).map_err(A::Error::custom)?);
            } else {
                map.next_value::<IgnoredAny>()?;
                return Err(A::Error::unknown_field(&key, &["equals"]));
            }
        }
        equals
            .map(|value| Expected(Expect::Equals(value)))
            .ok_or_else(|| A::Error::missing_field("equals"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Holder {
        #[serde(deserialize_with = "read")]
        body: Option<Value>,
    }

    #[test]
    fn a_toml_table_becomes_the_json_it_looks_like() {
        let text = "body = { text = \"a\", n = 3, x = 1.5, on = true, list = [1, { b = [] }] }";
        let expected = serde_json::json!({"text": "a", "n": 3, "x": 1.5, "on": true, "list": [1, {"b": []}]});
        assert_eq!(toml::from_str::<Holder>(text).unwrap().body, Some(expected));
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        for text in ["body = 2026-01-01", "body = [inf]", "body = { a = nan }"] {
            assert!(toml::from_str::<Holder>(text).is_err(), "{text}");
        }
    }
}
