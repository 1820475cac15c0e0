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
    fn cleaning_is_bounded() {
        assert_eq!(clean("abcdef", 3), "abc…");
    }
}
