//! Text from elsewhere, made fit to show: on one line, bounded, and without power over a terminal or a document.

use unicode_width::UnicodeWidthChar;

/// Marks that may follow one another without a base character. Real scripts need two or three; more is a heap that
/// grows over the lines above and below.
const STACK: usize = 3;

/// A sentence: a headline, a statement, a title.
pub const SENTENCE: usize = 400;
/// A value: expected, actual, an excerpt.
pub const VALUE: usize = 300;
/// A name: a subject, an id, a version.
pub const NAME: usize = 120;

/// The text on one line of at most `most` columns, cut with `…`. What has power over a terminal is shown escaped.
pub fn line(text: &str, most: usize) -> String {
    let mut shown = String::new();
    let mut columns = 0;
    let mut stacked = 0;
    for c in text.trim().chars() {
        let width = c.width().unwrap_or_default();
        stacked = if width == 0 { stacked + 1 } else { 0 };
        let start = shown.len();
        if is_plain(c) && stacked <= STACK {
            shown.push(c);
            columns += width;
        } else {
            shown.extend(c.escape_default());
            columns += shown.len() - start;
        }
        if columns > most {
            shown.truncate(start);
            shown.push('…');
            break;
        }
        // Marks take no column, and still may not fill a disk.
        if shown.len() > most.saturating_mul(8) {
            shown.push('…');
            break;
        }
    }
    shown
}

/// Whether a character only shows itself: no control character, none that steers the direction or joining of text, no
/// line separator, and nothing that XML 1.0 §2.2 forbids.
pub fn is_plain(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    );
    let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || (u32::from(c) & 0xfffe) == 0xfffe;
    !c.is_control() && !invisible && !noncharacter
}

/// A number and its noun: `1 read`, `2 reads`.
pub fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    match n.into() {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// A time that people read at a glance: `640 ms`, `4.2 s`, `2 min 5 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn shows_what_would_steer_a_terminal() {
        let hostile = "\u{1b}[2J\r\nPASS\u{7}\u{9b}31m\u{202e}txt\u{200b}\u{2028}";
        assert_eq!(
            line(hostile, 200),
            r"\u{1b}[2J\r\nPASS\u{7}\u{9b}31m\u{202e}txt\u{200b}"
        );
    }

    #[test]
    fn leaves_ordinary_languages_alone() {
        for text in ["Grüße", "日本語", "नमस्ते", "c’est ça — “oui”", "×3 ✓"] {
            assert_eq!(line(text, 200), text);
        }
    }

    #[test]
    fn a_heap_of_marks_is_not_drawn() {
        let heap = format!("a{}", "\u{301}".repeat(50));
        let shown = line(&heap, 40);
        assert!(shown.starts_with("a\u{301}\u{301}\u{301}\\u{301}"), "{shown}");
        assert!(shown.width() <= 41);
    }

    #[test]
    fn says_times_as_people_do() {
        let said: Vec<_> = [0, 999, 4_270, 59_999, 125_000].map(duration).into();
        assert_eq!(said, ["0 ms", "999 ms", "4.2 s", "59.9 s", "2 min 5 s"]);
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_line(text in "\\PC*|(?s).{0,300}", most in 1usize..80) {
            let shown = line(&text, most);
            prop_assert!(shown.chars().all(is_plain), "{shown:?}");
            prop_assert!(shown.width() <= most + 1, "{shown:?}");
            prop_assert!(shown.len() <= most * 8 + 16);
        }
    }
}
