//! What is said when a command cannot be carried out: what, where, why, and the next step.

use crate::model::exit;
use crate::report::text::is_plain;
use crate::target::fault::Fault;

/// A longer message is cut: a file may hold a line of a megabyte, and a parser may quote it.
const LONGEST: usize = 1_500;

/// The text without power over a terminal: a file or a server may have written part of it.
fn harmless(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if c == '\n' || is_plain(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
        if shown.len() > LONGEST {
            shown.push('…');
            break;
        }
    }
    shown
}

/// A message and the exit code that goes with it.
#[derive(Debug)]
pub struct Complaint {
    /// The message.
    pub text: String,
    /// The exit code.
    pub code: u8,
}

impl Complaint {
    /// A flag, a file or a URL is wrong; nothing was sent.
    pub fn usage(
        what: impl std::fmt::Display,
        why: impl std::fmt::Display,
        next: impl std::fmt::Display,
    ) -> Complaint {
        let text = format!("error: {what}\n  why:  {why}\n  next: {next}");
        Complaint {
            text: harmless(&text),
            code: exit::USAGE,
        }
    }

    /// A flag or a variable holds what it cannot hold.
    pub fn about(place: &str, fault: &Fault) -> Complaint {
        let part = |name: &str, text: &str| match text {
            "" => String::new(),
            text => format!("\n  {name:5} {text}"),
        };
        let Fault { what, why, next, .. } = fault;
        let (why, next) = (part("why:", why), part("next:", next));
        Complaint::told(format!("error: {place}{what}{why}{next}"))
    }

    /// A message that says all of that already.
    pub fn told(text: impl Into<String>) -> Complaint {
        Complaint {
            text: text.into(),
            code: exit::USAGE,
        }
    }

    /// A report or a recording that could not be written once the run was done. The run is no usage error any more.
    pub fn lost(place: &str, error: &std::io::Error) -> Complaint {
        let told = Complaint::usage(
            format_args!("{place} could not be written"),
            error,
            "free space or name another file; the run itself was done",
        );
        Complaint {
            code: exit::OURS,
            ..told
        }
    }

    /// A file that cannot be read.
    pub fn unreadable(role: &str, path: &str, error: &std::io::Error, next: &str) -> Complaint {
        Complaint::usage(format_args!("{role} {path} cannot be read"), error, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_steers_no_terminal_and_fills_no_screen() {
        let told = Complaint::usage("\u{1b}[2J", "x".repeat(5_000), "try \u{202e}again").text;
        assert!(told.starts_with("error: \\u{1b}[2J\n  why:  xxx"), "{told}");
        assert!(told.len() < LONGEST + 20);
    }
}
