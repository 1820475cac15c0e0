//! The words of a command as the shells quote them: bash and cmd. Nothing is expanded and nothing is run.

use std::borrow::Cow;

/// A command of more words is not read.
const MOST_WORDS: usize = 10_000;

/// A word of a command, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: usize,
}

/// The command in the quoting of bash, as far as double quotes go, when it was copied for cmd.
pub(super) fn unquoted(text: &str) -> Cow<'_, str> {
    let for_cmd = ["^\"", "^\r\n", "^\n"].iter().any(|sign| text.contains(sign));
    if for_cmd {
        uncaret(text).into()
    } else {
        text.into()
    }
}

/// Takes the carets away with which cmd quotes, and the line breaks that they join.
fn uncaret(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '^' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('\r') if chars.peek() == Some(&'\n') => {
                chars.next();
                plain.push_str("\\\n");
            }
            Some('\n') => plain.push_str("\\\n"),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

/// The words of a POSIX shell (POSIX.1 §2.2) with the `$'…'` of bash. Of its own here, since no crate for shell words reads that
/// quoting, and Chromium writes it for every body with a quote or an exclamation mark. Nothing is expanded.
pub(super) fn words_of(text: &str) -> Result<Vec<Word>, (usize, &'static str)> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() || c == ';' {
            words.extend(word.take());
            if words.len() > MOST_WORDS {
                return Err((at, "it has more words than any call"));
            }
            if c == ';' {
                break;
            }
            continue;
        }
        if c == '\\' && matches!(chars.peek(), Some((_, '\n' | '\r'))) {
            while matches!(chars.peek(), Some((_, '\n' | '\r'))) {
                chars.next();
            }
            continue;
        }
        let word = word.get_or_insert_with(|| Word {
            text: String::new(),
            at,
        });
        match c {
            '\'' => loop {
                match chars.next() {
                    Some((_, '\'')) => break,
                    Some((_, c)) => word.text.push(c),
                    None => return Err((at, "a quote ' is never closed")),
                }
            },
            '"' => loop {
                match chars.next() {
                    Some((_, '"')) => break,
                    Some((_, '\\')) => match chars.next() {
                        Some((_, c @ ('"' | '\\' | '$' | '`'))) => word.text.push(c),
                        Some((_, '\n')) => {}
                        Some((_, c)) => word.text.extend(['\\', c]),
                        None => return Err((at, "a quote \" is never closed")),
                    },
                    Some((_, c)) => word.text.push(c),
                    None => return Err((at, "a quote \" is never closed")),
                }
            },
            '$' if matches!(chars.peek(), Some((_, '\''))) => {
                chars.next();
                loop {
                    match chars.next() {
                        Some((_, '\'')) => break,
                        Some((_, '\\')) => word
                            .text
                            .push(escaped(&mut chars).ok_or((at, "an escape in $'…' is not whole"))?),
                        Some((_, c)) => word.text.push(c),
                        None => return Err((at, "a quote $' is never closed")),
                    }
                }
            }
            '\\' => word.text.extend(chars.next().map(|(_, c)| c)),
            '|' | '&' | '>' | '<' | '`' | '(' | ')' => {
                return Err((at, "it is more than one command; copy the call alone"));
            }
            c => word.text.push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// One escape of `$'…'` (POSIX.1-2024 §2.2.4).
fn escaped(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<char> {
    let (_, c) = chars.next()?;
    let mut number = |most: usize, radix: u32| {
        let mut value = 0_u32;
        let mut seen = 0;
        while seen < most
            && let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(radix))
        {
            value = value * radix + digit;
            seen += 1;
            chars.next();
        }
        (seen > 0).then(|| char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER))
    };
    match c {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        'e' => Some('\u{1b}'),
        'x' => number(2, 16),
        'u' => number(4, 16),
        'U' => number(8, 16),
        other => Some(other),
    }
}
