//! Success answers from production, kept as types and lengths: they are somebody's data.
//!
//! Equal texts stay equal within a run, under a hash that is salted anew for every run, so that "two clips gave the same
//! text" can still be seen. What was replaced is noted by JSON Pointer, so that nothing is judged that is not there.

use std::hash::{BuildHasher as _, RandomState};

use serde_json::Value;

use crate::model::exchange::{Place, Redacted, SecretKind};
use crate::model::weight::Weight;

/// No more places than this are noted of one body; then the last note is about the whole of it.
const MOST_PLACES: usize = 10_000;

/// Replaces contents by their types and lengths.
#[derive(Debug, Default)]
pub struct Skeleton {
    salt: RandomState,
}

impl Skeleton {
    /// The body without its texts: JSON that is whole keeps its shape, anything else becomes one placeholder.
    pub fn of(&self, body: &[u8], is_whole: bool, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let before = facts.len();
        let readable = is_whole && !Weight::of(body).is_too_heavy();
        match readable.then(|| serde_json::from_slice::<Value>(body)) {
            Some(Ok(mut value)) => {
                self.strip(&mut value, &mut String::new(), facts, before + MOST_PLACES);
                if facts.len() > before + MOST_PLACES {
                    facts.push(fact(String::new(), body.len()));
                }
                serde_json::to_vec(&value).unwrap_or_default()
            }
            None | Some(Err(_)) if body.is_empty() => Vec::new(),
            None | Some(Err(_)) => {
                facts.push(fact(String::new(), body.len()));
                self.placeholder(body).into_bytes()
            }
        }
    }

    fn strip(&self, value: &mut Value, pointer: &mut String, facts: &mut Vec<Redacted>, most: usize) {
        let depth = pointer.len();
        match value {
            Value::String(text) if !text.is_empty() => {
                if facts.len() <= most {
                    facts.push(fact(pointer.clone(), text.chars().count()));
                }
                *text = self.placeholder(text.as_bytes());
            }
            Value::Array(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    pointer.push_str(&format!("/{at}"));
                    self.strip(item, pointer, facts, most);
                    pointer.truncate(depth);
                }
            }
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    self.strip(member, pointer, facts, most);
                    pointer.truncate(depth);
                }
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn placeholder(&self, text: &[u8]) -> String {
        format!(
            "[text:{}:{:06x}]",
            text.len(),
            self.salt.hash_one(text) & 0x00ff_ffff
        )
    }
}

fn fact(pointer: String, length: usize) -> Redacted {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    Redacted {
        place: Place::ReplyValue(pointer),
        kind: SecretKind::Content,
        length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_and_shape_numbers_and_equality_stay() {
        let mut facts = vec![];
        let body = br#"{"a":"hello","b":["hello","other",""],"n":12,"t/x":null}"#;
        let kept: Value = serde_json::from_slice(&Skeleton::default().of(body, true, &mut facts)).unwrap();
        assert_eq!(kept["a"], kept["b"][0]);
        assert_ne!(kept["a"], kept["b"][1]);
        assert_eq!((&kept["b"][2], &kept["n"]), (&Value::from(""), &Value::from(12)));
        assert!(!kept.to_string().contains("hello"));
        let places: Vec<_> = facts.into_iter().map(|fact| fact.place).collect();
        assert_eq!(
            places,
            ["/a", "/b/0", "/b/1"].map(|at| Place::ReplyValue(at.into()))
        );
    }

    #[test]
    fn a_million_texts_are_not_noted_one_by_one() {
        let mut facts = vec![];
        let body = serde_json::to_vec(&vec!["x"; MOST_PLACES * 3]).unwrap();
        let kept = Skeleton::default().of(&body, true, &mut facts);
        assert!(!kept.windows(3).any(|window| window == b"\"x\""));
        assert!(facts.len() <= MOST_PLACES + 2);
        assert_eq!(facts.last().unwrap().place, Place::ReplyValue(String::new()));
    }

    #[test]
    fn what_is_not_json_becomes_one_placeholder() {
        let mut facts = vec![];
        let kept = Skeleton::default().of(b"dear diary", true, &mut facts);
        assert!(kept.starts_with(b"[text:10:"));
        assert_eq!(facts[0].place, Place::ReplyValue(String::new()));
    }
}
