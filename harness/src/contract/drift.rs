//! Drift: one way in which an answer is not what the contract promises.

use crate::contract::text;
use crate::contract::violation::Violation;

/// The most drifts that are kept of one answer.
pub const MAX_DRIFTS: usize = 20;

/// The rules that [`Drift::rule`] names, with what each means. The identifiers are stable.
pub const RULES: [(&str, &str); 19] = [
    ("body-missing", "A body is documented and none came."),
    (
        "body-not-json",
        "The body is labelled or documented as JSON and is not JSON.",
    ),
    ("content-type-missing", "A body came without a Content-Type."),
    (
        "content-type-wrong",
        "The Content-Type is none of the documented ones.",
    ),
    (
        "field-bounds",
        "A value is too large, too small, too long, too short or repeated.",
    ),
    ("field-enum", "A value is outside the documented set."),
    ("field-format", "A text does not have the documented format."),
    (
        "field-nullable",
        "A value is null where the contract allows no null.",
    ),
    ("field-pattern", "A text does not match the documented pattern."),
    ("field-removed", "A required field is absent."),
    (
        "field-renamed",
        "A required field is there under another spelling.",
    ),
    ("field-type", "A value has another type."),
    ("field-unexpected", "A field is there that the contract excludes."),
    (
        "field-variant",
        "A value fits none of the documented variants, or more than it may.",
    ),
    (
        "header-missing",
        "A header that is documented as required is absent.",
    ),
    (
        "operation-undocumented",
        "An operation that works is not documented.",
    ),
    (
        "status-undocumented",
        "A status below 400 is not documented for this operation.",
    ),
    (
        "status-undocumented-4xx",
        "A 4xx status is not documented for this operation.",
    ),
    (
        "status-undocumented-5xx",
        "A 5xx status is not documented for this operation.",
    ),
];

/// One way in which an answer is not what the contract promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Which of [`RULES`] is broken.
    pub rule: &'static str,
    /// JSON Pointer (RFC 6901) into the body; empty for the body itself and for what is not about the body.
    pub pointer: String,
    /// What the contract promises, on one line.
    pub expected: String,
    /// What was seen, on one line.
    pub actual: String,
    /// JSON Pointer into the contract, where the promise stands.
    pub contract_pointer: String,
    /// In how many places the same promise is broken in the same way, this one included.
    pub count: usize,
    /// The whole as a sentence of at most 200 characters, control characters escaped.
    pub message: String,
}

impl Drift {
    /// A drift that is not about a place in the body.
    pub(crate) fn whole(rule: &'static str, contract_pointer: &str, expected: &str, actual: &str) -> Drift {
        let (expected, actual) = (text::message(expected), text::message(actual));
        let message = text::message(&format!("expected {expected}, got {actual}"));
        let contract_pointer = contract_pointer.to_owned();
        Drift {
            rule,
            pointer: String::new(),
            expected,
            actual,
            contract_pointer,
            count: 1,
            message,
        }
    }
}

impl From<Violation> for Drift {
    fn from(violation: Violation) -> Drift {
        let place = if violation.pointer.is_empty() {
            "the body"
        } else {
            violation.pointer.as_str()
        };
        let more = match violation.repeats {
            0 => String::new(),
            repeats => format!(" (and {repeats} more)"),
        };
        let message = format!(
            "{}{more}: expected {}, got {}",
            text::safe(place, 80),
            text::safe(&violation.expected, 90),
            violation.actual
        );
        Drift {
            rule: violation.rule,
            expected: text::message(&violation.expected),
            actual: text::message(&violation.actual),
            pointer: violation.pointer,
            contract_pointer: violation.schema_pointer,
            count: violation.repeats + 1,
            message: text::message(&message),
        }
    }
}
