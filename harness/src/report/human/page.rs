//! A page of aligned blocks: a label column, then text that hangs under itself when it wraps.

use anstyle::{AnsiColor, Effects};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

/// Width of the label column.
pub const LABEL: usize = 12;
/// The narrowest page that is still readable.
pub const NARROWEST: usize = 60;

/// A fact up to this many columns stays on one line.
const GLUED: usize = 48;
/// A space where no line breaks; it leaves the page as an ordinary one.
const HARD_SPACE: &str = "\u{a0}";

/// How the report shall look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colour are written.
    pub color: bool,
    /// Columns to wrap at; less than 60 counts as 60.
    pub width: usize,
    /// Whether every check, hint and exchange is listed.
    pub verbose: bool,
    /// Whether the page ends with its headline.
    pub quiet: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            color: false,
            width: 100,
            verbose: false,
            quiet: false,
        }
    }
}

/// What a piece of text means; colour follows from it, and nothing is said by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Ordinary text.
    Plain,
    /// Labels, and what need not be read first.
    Faint,
    /// Good.
    Good,
    /// Neither good nor bad.
    Doubt,
    /// Bad.
    Bad,
    /// The one sentence to read.
    Strong,
}

impl Paint {
    fn style(self) -> anstyle::Style {
        let plain = anstyle::Style::new();
        let colour = |colour: AnsiColor| plain.fg_color(Some(colour.into()));
        match self {
            Paint::Plain => plain,
            Paint::Faint => plain.effects(Effects::DIMMED),
            Paint::Good => colour(AnsiColor::Green),
            Paint::Doubt => colour(AnsiColor::Yellow),
            Paint::Bad => colour(AnsiColor::Red),
            Paint::Strong => plain.effects(Effects::BOLD),
        }
    }
}

/// A piece of text and its meaning.
pub type Piece<'t> = (&'t str, Paint);

/// The page as far as it is written. Every text put on it has been through [`crate::report::text`].
#[derive(Debug)]
pub struct Page {
    style: Style,
    out: String,
}

impl Page {
    /// An empty page.
    pub fn new(style: Style) -> Page {
        let width = style.width.max(NARROWEST);
        Page {
            style: Style { width, ..style },
            out: String::new(),
        }
    }

    /// Whether everything shall be listed.
    pub fn verbose(&self) -> bool {
        self.style.verbose
    }

    /// Whether only the headline shall be there.
    pub fn quiet(&self) -> bool {
        self.style.quiet
    }

    /// Columns of the page.
    pub fn width(&self) -> usize {
        self.style.width
    }

    /// The page's text.
    pub fn finish(self) -> String {
        let mut text = self.out.trim_end().to_owned();
        text.push('\n');
        text
    }

    /// An empty line, unless the last one is empty.
    pub fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Pieces, then text that wraps and hangs under its own beginning.
    pub fn hang(&mut self, lead: &[Piece<'_>], text: Piece<'_>) {
        let indent: usize = lead.iter().map(|(piece, _)| piece.width()).sum();
        let room = Options::new(self.style.width.saturating_sub(indent))
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        let lines = textwrap::wrap(text.0, room);
        for (at, line) in lines.iter().enumerate() {
            if at == 0 {
                self.lead(lead);
            } else {
                self.out.extend(std::iter::repeat_n(' ', indent));
            }
            self.paint((line.trim_end().replace(HARD_SPACE, " ").as_str(), text.1));
            self.end_line();
        }
    }

    /// Pieces, then text that is never wrapped, so that it can be copied whole.
    pub fn whole(&mut self, lead: &[Piece<'_>], text: Piece<'_>) {
        self.lead(lead);
        self.paint(text);
        self.end_line();
    }

    /// A label and a text beside it.
    pub fn entry(&mut self, label: &str, text: Piece<'_>) {
        let label = column(label);
        self.hang(&[(label.as_str(), Paint::Faint)], text);
    }

    /// Pieces, then short facts in a row. A line breaks between facts, not within a short one.
    pub fn facts(&mut self, lead: &[Piece<'_>], facts: &[String]) {
        let glue = |fact: &String| {
            if fact.width() <= GLUED {
                fact.replace(' ', HARD_SPACE)
            } else {
                fact.clone()
            }
        };
        let glued: Vec<String> = facts.iter().map(glue).collect();
        self.hang(lead, (&glued.join(&format!("{HARD_SPACE}· ")), Paint::Plain));
    }

    /// A label and texts below one another beside it.
    pub fn entries<'t>(&mut self, label: &str, texts: impl IntoIterator<Item = Piece<'t>>) {
        for (at, text) in texts.into_iter().enumerate() {
            self.entry(if at == 0 { label } else { "" }, text);
        }
    }

    fn lead(&mut self, lead: &[Piece<'_>]) {
        for piece in lead {
            self.paint(*piece);
        }
    }

    fn end_line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }

    /// Writes a piece; the blanks around it are never painted.
    fn paint(&mut self, (text, paint): Piece<'_>) {
        let inner = text.trim();
        if !self.style.color || paint == Paint::Plain || inner.is_empty() {
            self.out.push_str(text);
            return;
        }
        let style = paint.style();
        let painted = format!("{style}{inner}{style:#}");
        self.out.push_str(&text.replacen(inner, &painted, 1));
    }
}

/// A label, as wide as its column.
pub fn column(label: &str) -> String {
    format!("{label:<LABEL$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(color: bool) -> Page {
        Page::new(Style {
            color,
            ..Style::default()
        })
    }

    #[test]
    fn text_hangs_under_itself() {
        let mut page = page(false);
        page.entry("seen", (&"word ".repeat(30), Paint::Plain));
        let text = page.finish();
        assert!(text.lines().count() > 1);
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("            word"))
        );
        assert!(
            text.lines()
                .all(|line| line.width() <= 100 && !line.ends_with(' '))
        );
    }

    #[test]
    fn a_word_longer_than_the_page_is_broken() {
        let mut page = page(false);
        page.entry("seen", (&"x".repeat(500), Paint::Plain));
        assert!(page.finish().lines().all(|line| line.width() <= 100));
    }

    #[test]
    fn colour_adds_escapes_and_nothing_else() {
        let write = |color| {
            let mut page = page(color);
            page.hang(
                &[("FAIL", Paint::Bad), ("  ", Paint::Plain)],
                ("why it failed", Paint::Strong),
            );
            page.entry("seen", ("this", Paint::Faint));
            page.finish()
        };
        let bare = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        assert_ne!(write(true), write(false));
        assert_eq!(bare.replace_all(&write(true), ""), write(false));
    }
}
