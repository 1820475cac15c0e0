//! JSON as a tree of bounded size.
//!
//! A value takes many times the bytes in memory that it takes in JSON: 36 MiB of `[[],[],…` are close to a gigabyte once they are
//! read. The bound on bodies bounds nothing then, so the tree has a bound of its own, far above what any operation asks for.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The most values that a body may hold, arrays and objects and what is in them counted alike.
pub const MOST_VALUES: usize = 1_000;

/// Reads JSON, as `serde_json` does: of two members with one name the last one counts.
///
/// # Errors
/// As `serde_json`; an error of its data ([`serde_json::Error::is_data`]) means that there are more values than
/// [`MOST_VALUES`], of which no more were read.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(MOST_VALUES);
    let value = Next(&left).deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Reads the next value, if it may.
#[derive(Clone, Copy)]
struct Next<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        let left = self.0.get().checked_sub(1);
        self.0
            .set(left.ok_or_else(|| D::Error::custom("more values than are read"))?);
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Next<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(entry) = entries.next_element_seed(self)? {
            read.push(entry);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            read.insert(name, members.next_value_seed(self)?);
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_many_values_as_may_be_are_read_and_not_one_more() {
        let list = |entries: usize| format!("[{}]", vec!["0"; entries].join(","));
        assert_eq!(
            read(list(MOST_VALUES - 1).as_bytes())
                .unwrap()
                .as_array()
                .unwrap()
                .len(),
            MOST_VALUES - 1
        );
        assert!(read(list(MOST_VALUES).as_bytes()).unwrap_err().is_data());
        let object: String = (0..MOST_VALUES).map(|name| format!("\"{name}\":[],")).collect();
        assert!(
            read(format!("{{{object}\"\":0}}").as_bytes())
                .unwrap_err()
                .is_data()
        );
        // It is told before the end is seen.
        assert!(read("[".repeat(10_000).as_bytes()).unwrap_err().is_syntax());
        assert!(read("[[],".repeat(100).as_bytes()).unwrap_err().is_eof());
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads_and_refuses_what_it_refuses(
            text in "[\\[\\]{},:0-9eE.+\\-\" a-z\\\\]{0,40}|\\{(\"a\":(1e400|-0|18446744073709551616|\"\\\\u00e9\"|null|true),){0,3}\"a\":\\[\\]\\}",
        ) {
            let ours = read(text.as_bytes());
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => prop_assert_eq!(ours.unwrap(), value),
                Err(error) => prop_assert_eq!(ours.unwrap_err().to_string(), error.to_string()),
            }
        }
    }
}
