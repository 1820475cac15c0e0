//! What one of the two streams can do that people read: how wide it is, and whether it shows colours.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;

/// Columns of what is no terminal, unless `COLUMNS` says otherwise: a log, a file, a pipe.
const PAPER: usize = 100;
/// Columns of a terminal that does not say how wide it is.
const TERMINAL: usize = 80;
/// The narrowest page that is written, and the widest that is read with ease.
const BOUNDS: (usize, usize) = (60, 200);

/// Standard output or standard error, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Whether it is a terminal at all.
    pub is_one: bool,
    /// Whether colours are wanted on it.
    pub color: bool,
    /// Columns, from 60 to 200.
    pub width: usize,
}

impl Terminal {
    /// This stream of this process. Colours only where a terminal shows them, and never with `NO_COLOR` (no-color.org) or on
    /// one that is `dumb`.
    pub fn of(stream: impl IsTerminal + AsFd) -> Terminal {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let is_one = stream.is_terminal();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        let told = is_one.then(|| tcgetwinsize(&stream).map_or(0, |size| size.ws_col));
        Terminal {
            is_one,
            color: is_one && wanted && !dumb,
            width: width(set("COLUMNS").as_deref(), told),
        }
    }

    /// A text as its reader wants it: on a terminal no line is wider than it, and what is broken hangs under its label; anywhere
    /// else a line stays one.
    pub fn fitted(&self, text: &str) -> String {
        if !self.is_one {
            return text.to_owned();
        }
        let options = textwrap::Options::new(self.width)
            .subsequent_indent("         ")
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        textwrap::fill(text, options)
    }
}

/// Columns to write in: what the user says, else what the terminal says, which is 0 when it does not know.
fn width(columns: Option<&str>, terminal: Option<u16>) -> usize {
    let said = columns.and_then(|columns| columns.parse().ok());
    let known = said.unwrap_or(match terminal {
        Some(0) => TERMINAL,
        Some(columns) => usize::from(columns),
        None => PAPER,
    });
    known.clamp(BOUNDS.0, BOUNDS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_says_comes_before_the_terminal_and_a_log_has_a_width_of_its_own() {
        for (columns, terminal, wide) in [
            (Some("120"), Some(80), 120),
            (None, Some(80), 80),
            (None, Some(0), 80),
            (None, None, 100),
            (Some("nonsense"), Some(90), 90),
            (Some("7"), None, 60),
            (None, Some(1_000), 200),
        ] {
            assert_eq!(width(columns, terminal), wide, "{columns:?} {terminal:?}");
        }
    }

    #[test]
    fn a_line_is_broken_for_a_terminal_and_for_nobody_else() {
        let terminal = Terminal {
            is_one: true,
            color: false,
            width: 60,
        };
        let long = format!("so far  {}\n", "word ".repeat(30).trim());
        let fitted = terminal.fitted(&long);
        assert!(fitted.lines().count() > 1 && fitted.ends_with('\n'), "{fitted}");
        assert!(fitted.lines().all(|line| line.len() <= 60), "{fitted}");
        let log = Terminal {
            is_one: false,
            ..terminal
        };
        assert_eq!(log.fitted(&long), long);
    }
}
