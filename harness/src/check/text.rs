//! Text of a stranger, made fit to be shown to people: every finding, cause and report shows server text through here.

/// Text that may be shown: bounded, on one line, control characters escaped so that no terminal obeys them.
pub fn clean(text: &str, most: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(most)
        .flat_map(|c| {
            if is_plain(c) {
                vec![c]
            } else {
                c.escape_default().collect()
            }
        })
        .collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// Text in single quotes for a POSIX shell (POSIX.1 §2.2.2): whatever a server wrote of it, none of it is run.
pub fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Text as one word of a POSIX shell, in quotes when it needs them.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        shell_quoted(text)
    }
}

/// A name as a shell has its variables: capitals, digits and underscores.
pub fn variable(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    name.chars().map(plain).collect()
}

/// Whether a character has no power over a terminal: no control character, and none that turns the direction of text.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_sequence_survives_cleaning() {
        let shown = clean("\u{1b}[31mred\u{1b}[0m\r\n\u{202e}txt\u{7}", 100);
        assert_eq!(shown, "\\u{1b}[31mred\\u{1b}[0m\\r\\n\\u{202e}txt\\u{7}");
    }

    #[test]
    fn a_word_is_quoted_when_a_shell_would_read_more_into_it() {
        for plain in ["samples/kitchen.wav", "https://api.acme.example:8443/v1"] {
            assert_eq!(shell_word(plain), plain);
        }
        for (text, word) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("$(id)", "'$(id)'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }

    #[test]
    fn cleaning_is_bounded() {
        assert_eq!(clean("abcdef", 3), "abc…");
    }
}
