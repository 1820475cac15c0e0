//! A document's text becomes one JSON tree, under one bound for JSON and YAML alike.
//!
//! The parsers bound nesting themselves. What they do not bound is what aliases and short tokens make of a small
//! text, so the tree counts its own values and bytes while it grows.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::contract::stack;
use crate::model::weight;

/// The most values (objects, arrays, scalars) that a document may hold. The largest public ones hold about 600,000.
pub(crate) const MAX_VALUES: usize = 2_000_000;
/// The most bytes of keys and strings that a document may hold once its aliases are expanded.
pub(crate) const MAX_TEXT: usize = 64 << 20;
/// How much of a YAML document may come from aliases, in parser events.
const MAX_REPLAYED: usize = 200_000;
/// The deepest nesting of objects and arrays; serde_json's own limit, kept for YAML as well.
pub(crate) const MAX_DEPTH: usize = 127;

/// Whose document it is, and so how much memory its tree may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Somebody chose to give it to us.
    Given,
    /// A server sent it: it may take [`weight::MOST`].
    Served,
}

/// What is left of a document's allowance.
struct Allowance {
    values: Cell<usize>,
    text: Cell<usize>,
    /// Bytes of memory, as [`weight`] counts them.
    memory: Cell<u64>,
}

impl Allowance {
    fn full(trust: Trust) -> Self {
        let memory = match trust {
            Trust::Given => u64::MAX,
            Trust::Served => weight::MOST,
        };
        Allowance {
            values: Cell::new(MAX_VALUES),
            text: Cell::new(MAX_TEXT),
            memory: Cell::new(memory),
        }
    }

    fn memory<E: serde::de::Error>(&self, bytes: u64) -> Result<(), E> {
        let left = self.memory.get().checked_sub(bytes);
        self.memory.set(left.unwrap_or_default());
        left.map(|_| ()).ok_or_else(|| {
            let most = weight::MOST >> 20;
            E::custom(format!(
                "reading it would take more than {most} MiB, which no served document gets"
            ))
        })
    }

    fn value<E: serde::de::Error>(&self) -> Result<(), E> {
        take(&self.values, 1).ok_or_else(|| E::custom(format!("it holds more than {MAX_VALUES} values")))?;
        self.memory(weight::VALUE)
    }

    fn text<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        self.memory(weight::STRING + bytes as u64)?;
        take(&self.text, bytes).ok_or_else(|| {
            E::custom(format!(
                "its keys and strings add up to more than {MAX_TEXT} bytes"
            ))
        })
    }
}

fn take(left: &Cell<usize>, amount: usize) -> Option<()> {
    left.set(left.get().checked_sub(amount)?);
    Some(())
}

/// Reads JSON.
pub(crate) fn json(text: &str, trust: Trust) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Bounded(&Allowance::full(trust)).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Reads one YAML document, or gives up (`None`) when it cannot have the stack that this takes: 30 KiB for each level in
/// a debug build, more in all than a thread has by default. Only the spellings of the YAML 1.2 core schema are booleans, so that `no` stays Norwegian.
pub(crate) fn yaml(text: &str, trust: Trust) -> Option<Result<Value, serde_saphyr::Error>> {
    stack::deep(|| yaml_on_this_stack(text, trust))
}

/// How YAML is read here, whatever it is read into.
pub(crate) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: 2 * MAX_VALUES,
            max_total_scalar_bytes: MAX_TEXT,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPLAYED },
        strict_booleans: true,
        with_snippet: false,
        emit_comments: false,
    }
}

fn yaml_on_this_stack(text: &str, trust: Trust) -> Result<Value, serde_saphyr::Error> {
    let allowance = Allowance::full(trust);
    serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        Bounded(&allowance).deserialize(deserializer)
    })
}

#[derive(Clone, Copy)]
struct Bounded<'a>(&'a Allowance);

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.value()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can carry")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("JSON has no infinity and no NaN"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.0.text(text.len())?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            if array.is_empty() {
                self.0.memory::<A::Error>(weight::ARRAY)?;
            }
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.is_empty() {
                self.0.memory::<A::Error>(weight::OBJECT)?;
            }
            if object.len() >= weight::ROOM {
                self.0.memory::<A::Error>(weight::NAME)?;
            }
            self.0.text::<A::Error>(key.len())?;
            let value = members.next_value_seed(self)?;
            if object.contains_key(&key) {
                // Parsers differ in which of the two they keep, so the document promises two things at once.
                return Err(A::Error::custom(format!(
                    "the key {key:?} stands twice in one object"
                )));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json_given(text: &str) -> Result<Value, serde_json::Error> {
        super::json(text, Trust::Given)
    }

    fn yaml_given(text: &str) -> Option<Result<Value, serde_saphyr::Error>> {
        super::yaml(text, Trust::Given)
    }

    #[test]
    fn what_a_server_sent_may_not_burst_while_what_was_given_may() {
        let burst = format!("{{\"a\": [{}0]}}", "{\"\":0},".repeat(50_000));
        assert!(json_given(&burst).is_ok());
        let error = super::json(&burst, Trust::Served).unwrap_err().to_string();
        assert!(error.contains("24 MiB"), "{error}");
        let names: Vec<String> = (0..200_000).map(|n| format!("\"{n:x}\":0")).collect();
        let names = format!("{{{}}}", names.join(","));
        assert!(json_given(&names).is_ok());
        assert!(super::json(&names, Trust::Served).is_err());
        let burst = format!("a: [{}0]", "{a: 0},".repeat(50_000));
        assert!(super::yaml(&burst, Trust::Served).unwrap().is_err());
    }

    #[test]
    fn reads_no_as_norwegian_and_200_as_a_status_key() {
        let tree =
            yaml_given("locales: [no, yes, true]\nresponses:\n  200: ok\nversion: 1.0\nwhen: 2024-01-01\n")
                .unwrap()
                .unwrap();
        assert_eq!(tree["locales"], json!(["no", "yes", true]));
        assert_eq!(tree["responses"]["200"], "ok");
        assert_eq!(tree["version"], json!(1.0));
        assert_eq!(tree["when"], "2024-01-01");
    }

    #[test]
    fn refuses_a_key_that_stands_twice() {
        assert!(
            json_given(r#"{"a": 1, "a": 2}"#)
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(yaml_given("a: 1\na: 2\n").unwrap().is_err());
    }

    #[test]
    fn refuses_nesting_that_would_exhaust_the_stack() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(json_given(&deep).is_err());
        assert!(yaml_given(&deep).unwrap().is_err());
        let block: String = (0..400)
            .map(|depth| format!("{}a:\n", " ".repeat(depth)))
            .collect();
        assert!(yaml_given(&block).unwrap().is_err());
    }

    #[test]
    fn an_alias_bomb_ends_in_an_error() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(yaml_given(&bomb).unwrap().is_err());
    }

    #[test]
    fn one_long_string_repeated_by_aliases_ends_in_an_error() {
        let text = format!(
            "big: &big {}\nall: [{}]\n",
            "x".repeat(4 << 20),
            vec!["*big"; 90].join(", ")
        );
        let error = yaml_given(&text).unwrap().unwrap_err().to_string();
        assert!(error.contains("bytes"), "{error}");
    }

    #[test]
    fn json_with_more_values_than_allowed_ends_in_an_error() {
        let text = format!("[{}1]", "1,".repeat(MAX_VALUES));
        assert!(
            json_given(&text)
                .unwrap_err()
                .to_string()
                .contains("more than 2000000 values")
        );
    }
}
