//! Values that answers gave, and where: what a later call sent of them is taken from there.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::place::push;
use crate::draft::secret::looks_secret;

/// Shorter values are the same by chance.
const SHORTEST: usize = 8;
/// A word without a digit must be this long, or be named as an id.
const TELLING: usize = 24;
/// Smaller numbers are the same by chance.
const SMALLEST: u64 = 1_000;
/// Values that are looked at in one answer.
const MOST: usize = 2_000;
/// Longer ways into an answer are nobody's.
const LONGEST_WAY: usize = 200;

/// Where a value came from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The step.
    pub(super) step: usize,
    /// The JSON Pointer into its answer.
    pub(super) pointer: String,
    /// Whether it was a number there.
    pub(super) number: bool,
}

/// Values by their texts.
#[derive(Default)]
pub(super) struct Answers {
    known: BTreeMap<String, Origin>,
}

impl Answers {
    /// Keeps what an answer gave, but for what it only repeats of the call.
    pub(super) fn keep(&mut self, step: usize, answer: &Value, sent: &str) {
        let mut found = Vec::new();
        let mut left = MOST;
        leaves(answer, "", "", &mut left, &mut found);
        for (text, pointer, number) in found {
            if !sent.contains(&text) {
                let origin = Origin {
                    step,
                    pointer,
                    number,
                };
                self.known.entry(text).or_insert(origin);
            }
        }
    }

    /// Where a value came from.
    pub(super) fn origin(&self, text: &str) -> Option<&Origin> {
        self.known.get(text)
    }
}

/// The values that tell where they came from.
fn leaves(value: &Value, name: &str, way: &str, left: &mut usize, found: &mut Vec<(String, String, bool)>) {
    if *left == 0 || way.len() > LONGEST_WAY {
        return;
    }
    *left -= 1;
    match value {
        Value::String(text) if tells(text, name) => found.push((text.clone(), way.to_owned(), false)),
        Value::Number(number) if number.as_u64().is_some_and(|number| number >= SMALLEST) => {
            found.push((number.to_string(), way.to_owned(), true));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate().take_while(|(at, _)| *at < MOST) {
                leaves(item, name, &format!("{way}/{at}"), left, found);
            }
        }
        Value::Object(members) => {
            // A key may be a value itself, and what cannot stand in an expression is no way.
            let plain =
                |key: &str| key.len() <= LONGEST_WAY && !looks_secret(key) && !key.contains(['{', '}']);
            for (key, item) in members.iter().filter(|(key, _)| plain(key)) {
                leaves(item, key, &push(way, key), left, found);
            }
        }
        _ => {}
    }
}

/// Whether a text is of a kind that comes from one place only, and is no word that many say.
fn tells(text: &str, name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let named = ["id", "token", "key", "code", "cursor", "etag"]
        .iter()
        .any(|ending| lower.ends_with(ending));
    let plain = !text.contains(char::is_whitespace) && (SHORTEST..=4096).contains(&text.len());
    plain && (named || text.len() >= TELLING || text.bytes().any(|byte| byte.is_ascii_digit()))
}
