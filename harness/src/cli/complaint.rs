//! What is said when a command cannot be carried out: what, where, why, and the next step.

use crate::model::exit;
use crate::target::fault::Fault;

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
        Complaint {
            text: format!("error: {what}\n  why:  {why}\n  next: {next}"),
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

    /// A file that cannot be read.
    pub fn unreadable(role: &str, path: &str, error: &std::io::Error, next: &str) -> Complaint {
        Complaint::usage(format_args!("{role} {path} cannot be read"), error, next)
    }
}
