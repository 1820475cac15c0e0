//! Values of a stranger, made fit for a sentence that somebody reads on a terminal at night.

use std::fmt::Write as _;

/// How many characters of a value are shown.
pub const SHOWN: usize = 120;

/// The text in double quotes, at most [`SHOWN`] characters of it. What is not printable ASCII, `"` and `\` are escaped
/// (`\x1b`), so that no value can colour a terminal, end a line or reverse the reading direction.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut length = 0;
    for next in text.chars() {
        let piece = escaped(next);
        length += piece.len();
        if length > SHOWN {
            out.push('…');
            break;
        }
        out.push_str(&piece);
    }
    out.push('"');
    out
}

/// Names in a row, as people write them, bounded like one value.
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let mut out = String::new();
    let mut length = 0;
    for (index, name) in names.iter().enumerate() {
        let name: String = name.as_ref().chars().map(escaped).collect();
        length += name.len() + 2;
        if length > SHOWN {
            let _ = write!(
                out,
                "{}{} more",
                if index == 0 { "" } else { " and " },
                names.len() - index
            );
            break;
        }
        let separator = match index {
            0 => "",
            last if last + 1 == names.len() => " and ",
            _ => ", ",
        };
        out.push_str(separator);
        out.push_str(&name);
    }
    out
}

/// The text without quotes, for origins and methods of our own making that may still hold anything.
pub fn plain(text: &str) -> String {
    let quoted = quoted(text);
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

fn escaped(next: char) -> String {
    match next {
        '"' | '\\' => format!("\\{next}"),
        ' '..='~' => next.to_string(),
        _ if u32::from(next) <= 0xff => format!("\\x{:02x}", u32::from(next)),
        _ => format!("\\u{{{:x}}}", u32::from(next)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_control_characters_as_escapes() {
        assert_eq!(
            quoted("a\x1b[31m\r\nb\"\\\u{e9}\u{202e}"),
            r#""a\x1b[31m\x0d\x0ab\"\\\xe9\u{202e}""#
        );
    }

    #[test]
    fn cuts_what_is_long() {
        assert_eq!(quoted(&"x".repeat(200)), format!("\"{}…\"", "x".repeat(SHOWN)));
        assert_eq!(quoted(&"x".repeat(120)), format!("\"{}\"", "x".repeat(SHOWN)));
        assert_eq!(
            listed(&["y".repeat(100), "z".repeat(30), "a".into()]),
            format!("{} and 2 more", "y".repeat(100))
        );
        assert_eq!(listed(&["y".repeat(200)]), "1 more");
        let (fits, over) = ("y".repeat(SHOWN - 2), "y".repeat(SHOWN - 1));
        assert_eq!(listed(&[&fits]), fits, "the separator counts");
        assert_eq!(listed(&[over]), "1 more");
    }

    #[test]
    fn lists_names_as_people_do() {
        assert_eq!(listed::<&str>(&[]), "");
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    proptest! {
        #[test]
        fn no_value_breaks_a_line_or_grows_without_bound(text in ".*") {
            for shown in [quoted(&text), plain(&text), listed(&[&text, &text])] {
                prop_assert!(shown.chars().all(|c| c == '…' || (' '..='~').contains(&c)), "{}", shown);
                prop_assert!(shown.chars().count() <= SHOWN + 20);
            }
        }
    }
}
