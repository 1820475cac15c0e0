//! What holds, what does not, and what cannot be told: conditions are judged before a run too, when nothing is known but
//! the literals in them.

use serde_json::Value;

use crate::scenario::condition::Comparison;

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    True,
    /// It does not.
    False,
    /// That depends on what is not known.
    Unknown,
}

/// A value, if it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// It is this; `null` is also what is not there.
    Value(Value),
    /// It could be anything.
    Unknown,
}

impl Truth {
    /// Its negation.
    pub(super) fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

impl Known {
    /// Whether the value by itself passes as a condition: `null`, `false`, zero and the empty text do not.
    pub(super) fn truth(&self) -> Truth {
        match self {
            Known::Unknown => Truth::Unknown,
            Known::Value(Value::Null) => Truth::False,
            Known::Value(Value::Bool(value)) => (*value).into(),
            Known::Value(Value::Number(number)) => (number.as_f64() != Some(0.0)).into(),
            Known::Value(Value::String(text)) => (!text.is_empty()).into(),
            Known::Value(Value::Array(_) | Value::Object(_)) => Truth::True,
        }
    }
}

/// Whether all of them hold.
pub(super) fn all(parts: impl Iterator<Item = Truth>) -> Truth {
    any(parts.map(Truth::not)).not()
}

/// Whether one of them holds.
pub(super) fn any(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut so_far = Truth::False;
    for part in parts {
        match part {
            Truth::True => return Truth::True,
            Truth::Unknown => so_far = Truth::Unknown,
            Truth::False => {}
        }
    }
    so_far
}

/// A comparison by the rules of Arazzo 1.1 §Simple Conditions.
pub(super) fn compared(left: &Known, how: Comparison, right: &Known) -> Truth {
    let (Known::Value(left), Known::Value(right)) = (left, right) else {
        return Truth::Unknown;
    };
    let order = || ordering(left, right);
    match how {
        Comparison::Equal => is_equal(left, right),
        Comparison::Unequal => !is_equal(left, right),
        Comparison::Less => order().is_some_and(std::cmp::Ordering::is_lt),
        Comparison::AtMost => order().is_some_and(std::cmp::Ordering::is_le),
        Comparison::More => order().is_some_and(std::cmp::Ordering::is_gt),
        Comparison::AtLeast => order().is_some_and(std::cmp::Ordering::is_ge),
    }
    .into()
}

/// Equality: `null` equals itself alone, texts are compared without regard to case, and a text that is a number equals that
/// number.
fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.to_lowercase() == right.to_lowercase(),
        (Value::Number(_), Value::Number(_) | Value::String(_)) | (Value::String(_), Value::Number(_)) => {
            ordering(left, right).is_some_and(std::cmp::Ordering::is_eq)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|other| is_equal(value, other)))
        }
        (left, right) => left == right,
    }
}

/// Which comes first: numbers by size, texts that are numbers as such, other texts without regard to case. Nothing else has
/// an order.
fn ordering(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    if let (Some(left), Some(right)) = (whole(left), whole(right)) {
        return Some(left.cmp(&right));
    }
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left.partial_cmp(&right);
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.to_lowercase().cmp(&right.to_lowercase())),
        _ => None,
    }
}

/// A whole number, which must not lose its last digits on the way.
fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}
