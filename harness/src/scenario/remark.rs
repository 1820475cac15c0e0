//! What there is to say about a document, gathered with its places and told with its lines.

use crate::model::lint::{self, Level};
use crate::scenario::document::Word;
use crate::scenario::expression::Misread;
use crate::scenario::rule::{self, Rule};
use crate::scenario::source::{Span, Unread};

/// The most that is told about one file; more would bury the first.
const MOST: usize = 100;
/// The longest line that is shown whole, in characters. Of a longer one, the part around the column is.
const LONGEST: usize = 160;
/// How much of a long line is shown before the column, in characters.
const BEFORE: usize = 60;

/// A remark with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The rule that it is about.
    pub rule: &'static Rule,
    /// Where.
    pub at: Span,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What to do next.
    pub next: String,
}

/// All that there is to say about one text.
#[derive(Debug, Clone)]
pub struct Remarks {
    text: String,
    found: Vec<Remark>,
}

impl Remarks {
    /// Nothing yet, about this text.
    pub fn about(text: &str) -> Remarks {
        Remarks {
            text: text.to_owned(),
            found: Vec::new(),
        }
    }

    /// Says something. The same of the same place is said once, however many ways lead there.
    pub fn add(
        &mut self,
        rule: &'static Rule,
        at: Span,
        what: impl Into<String>,
        why: impl Into<String>,
        next: impl Into<String>,
    ) {
        let remark = Remark {
            rule,
            at,
            what: what.into(),
            why: why.into(),
            next: next.into(),
        };
        let told = |other: &Remark| other.rule == rule && other.at == at && other.what == remark.what;
        // A text of errors alone must not cost the square of its length.
        if self.found.len() < 4 * MOST && !self.found.iter().any(told) {
            self.found.push(remark);
        }
    }

    /// Says that a text in the document could not be read as what it should be.
    pub fn misread(
        &mut self,
        rule: &'static Rule,
        written: &Word,
        what: impl Into<String>,
        misread: &Misread,
    ) {
        let at = self.within(written, misread);
        self.add(rule, at, what, misread.why.clone(), misread.next.clone());
    }

    /// The part of the document that a part of a text in it takes, or all of the text when it is not written as it reads.
    fn within(&self, written: &Word, misread: &Misread) -> Span {
        let around = written.at;
        let literal = self
            .text
            .get(around.begin..around.end)
            .and_then(|piece| piece.find(&written.value));
        let Some(offset) = literal else { return around };
        let begin = around.begin + offset + misread.at;
        let end = begin.saturating_add(misread.length);
        // What is missing at the end of a text is missing after its last character.
        Span { begin, end }
    }

    /// What was said, in the order of the text.
    pub fn found(&self) -> Vec<&Remark> {
        let mut found: Vec<&Remark> = self.found.iter().collect();
        found.sort_by_key(|remark| (remark.at.begin, remark.at.end, remark.rule.id));
        found
    }

    /// What was said, as reports tell it.
    pub fn told(&self, strict: bool) -> Vec<lint::Remark> {
        let lines = Lines::of(&self.text);
        let found = self.found();
        found
            .into_iter()
            .take(MOST)
            .map(|remark| lines.told(remark, strict))
            .collect()
    }
}

/// Why a text could not be read at all, as reports tell it.
pub fn unread(text: &str, unread: &Unread) -> lint::Remark {
    let lines = Lines::of(text);
    let begin = lines
        .begins
        .get(unread.line.saturating_sub(1))
        .copied()
        .unwrap_or(text.len());
    let rest = text.get(begin..).unwrap_or_default();
    let column = rest.char_indices().nth(unread.column.saturating_sub(1));
    let at = begin + column.map_or(0, |(at, _)| at);
    let remark = Remark {
        rule: &rule::SYNTAX,
        at: Span { begin: at, end: at },
        what: "the document cannot be read".to_owned(),
        why: unread.why.clone(),
        next: unread.next.to_owned(),
    };
    lines.told(&remark, false)
}

/// Where the lines of a text begin.
struct Lines<'t> {
    text: &'t str,
    begins: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines {
            text,
            begins: std::iter::once(0).chain(after).collect(),
        }
    }

    fn told(&self, remark: &Remark, strict: bool) -> lint::Remark {
        let text = self.text;
        let begin = text.floor_char_boundary(remark.at.begin.min(text.len()));
        let line = self.begins.partition_point(|start| *start <= begin);
        let start = self.begins.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let rest = text.get(start..).unwrap_or_default();
        let whole = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let stop = text.floor_char_boundary(remark.at.end.clamp(begin, (start + whole.len()).max(begin)));
        let count = |from: usize, to: usize| text.get(from..to).unwrap_or_default().chars().count();
        let before = count(start, begin);
        let (excerpt, shown) = excerpt(whole, before);
        lint::Remark {
            rule: remark.rule.id.to_owned(),
            level: if strict { Level::Error } else { remark.rule.level },
            what: remark.what.clone(),
            why: remark.why.clone(),
            next: remark.next.clone(),
            line: line.max(1),
            column: before + 1,
            length: count(begin, stop).max(1),
            excerpt,
            before: shown,
        }
    }
}

/// A line, or the part of a long one around a character of it, and how many characters stand before that one there.
fn excerpt(line: &str, before: usize) -> (String, usize) {
    if line.chars().nth(LONGEST).is_none() {
        return (line.to_owned(), before.min(line.chars().count()));
    }
    let skipped = before.saturating_sub(BEFORE);
    let part: String = line.chars().skip(skipped).take(LONGEST).collect();
    (part, before - skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, begin: usize, end: usize) -> lint::Remark {
        let mut remarks = Remarks::about(text);
        remarks.add(&rule::CYCLE, Span { begin, end }, "what", "why", "next");
        remarks.told(false).remove(0)
    }

    #[test]
    fn a_place_is_a_line_and_a_column_of_characters() {
        let told_of = |begin, end| {
            let told = told("é: a\r\nöö: b\n", begin, end);
            (told.line, told.column, told.length, told.excerpt)
        };
        assert_eq!(told_of(0, 2), (1, 1, 1, "é: a".to_owned()));
        assert_eq!(told_of(7, 11), (2, 1, 2, "öö: b".to_owned()));
        assert_eq!(told_of(13, 99), (2, 5, 1, "öö: b".to_owned()));
        assert_eq!(told_of(99, 99), (3, 1, 1, String::new()));
        assert_eq!(told_of(1, 1), (1, 1, 1, "é: a".to_owned()));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_column_is_shown() {
        let text = format!("{}here{}", "a".repeat(5_000), "b".repeat(5_000));
        let told = told(&text, 5_000, 5_004);
        assert_eq!((told.column, told.length), (5_001, 4));
        let at: String = told.excerpt.chars().skip(told.before).take(4).collect();
        assert_eq!((at.as_str(), told.excerpt.len()), ("here", LONGEST));
    }

    #[test]
    fn a_part_of_a_text_is_found_behind_its_quotes_and_no_further_than_it_is_written() {
        let text = "a: \"$inputs.\"\nb: \"\\x24inputs.\"";
        let remarks = Remarks::about(text);
        let misread = Misread::new(8, 1, "why", "next");
        let at = |begin, end| Word {
            value: "$inputs.".to_owned(),
            at: Span { begin, end },
        };
        assert_eq!(remarks.within(&at(3, 13), &misread), Span { begin: 12, end: 13 });
        assert_eq!(remarks.within(&at(17, 30), &misread), Span { begin: 17, end: 30 });
    }

    #[test]
    fn the_same_is_said_once_and_what_is_said_is_bounded() {
        let mut remarks = Remarks::about("");
        for end in 0..2_000 {
            for _ in 0..2 {
                remarks.add(&rule::CYCLE, Span { begin: 0, end }, "what", "why", "next");
            }
        }
        assert_eq!(remarks.told(true).len(), MOST);
    }
}
