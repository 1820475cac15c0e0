//! Words for people about what a hostile peer may have written: short, on one line, and harmless to a terminal.

use serde_json::Value;

/// The longest message, in characters.
pub(crate) const MAX_MESSAGE: usize = 200;
/// The longest excerpt of one value, in characters.
const MAX_EXCERPT: usize = 60;

/// `text` with control and bidirectional characters escaped, cut to `limit` characters.
pub(crate) fn safe(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for character in text.chars() {
        let piece = if is_unsafe(character) {
            format!("\\u{{{:x}}}", u32::from(character))
        } else {
            character.to_string()
        };
        length += piece.chars().count();
        if length > limit {
            return finish(out, limit);
        }
        out.push_str(&piece);
    }
    out
}

/// Cuts to one character less than `limit` and says so by an ellipsis.
fn finish(mut out: String, limit: usize) -> String {
    while out.chars().count() >= limit && out.pop().is_some() {}
    out.push('…');
    out
}

/// Control characters, line and paragraph separators, and the marks that turn the reading direction
/// (Unicode TR 36 §2.3).
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A message of at most [`MAX_MESSAGE`] characters.
pub(crate) fn message(text: &str) -> String {
    safe(text, MAX_MESSAGE)
}

/// A value's kind and, where it is short, the value.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("boolean {value}"),
        Value::Number(number) => safe(&format!("number {number}"), MAX_EXCERPT),
        Value::String(text) => format!("string \"{}\"", safe(text, MAX_EXCERPT)),
        Value::Array(items) => format!("array of {}", items.len()),
        Value::Object(members) => {
            let keys = members
                .keys()
                .map(String::as_str)
                .take(6)
                .collect::<Vec<_>>()
                .join(", ");
            format!("object {{{}}}", safe(&keys, MAX_EXCERPT))
        }
    }
}

/// A value as JSON, cut short.
pub(crate) fn literal(value: &Value) -> String {
    safe(&value.to_string(), MAX_EXCERPT)
}

/// The first bytes of a body, for a message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let head = bytes.get(..4 * MAX_EXCERPT).unwrap_or(bytes);
    safe(String::from_utf8_lossy(head).trim(), MAX_EXCERPT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_what_could_play_with_a_terminal() {
        assert_eq!(
            safe("a\u{1b}[31m\nb\u{202e}c", 80),
            "a\\u{1b}[31m\\u{a}b\\u{202e}c"
        );
    }

    #[test]
    fn a_text_at_the_limit_is_cut_and_says_so() {
        assert_eq!(safe("abcdef", 4), "abc…");
        assert_eq!(safe("abc", 4), "abc");
    }

    proptest! {
        #[test]
        fn never_exceeds_the_limit(text in ".*", limit in 2_usize..50) {
            let out = safe(&text, limit);
            prop_assert!(out.chars().count() <= limit);
            prop_assert!(!out.chars().any(is_unsafe));
        }
    }
}
