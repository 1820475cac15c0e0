//! A process that the run itself started, and what became of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which of its outputs a process wrote to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Output {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line that the process wrote, redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LogLine {
    /// When it was read.
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: Timestamp,
    /// Where it was written.
    pub output: Output,
    /// The line, without its end, at most 2,000 characters.
    pub text: String,
}

/// The end of a process that nobody asked to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exit {
    /// When it was noticed.
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: Timestamp,
    /// How it ended, such as `exit status: 1` or `signal: 9 (SIGKILL)`.
    pub how: String,
}

/// A process that the run started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spawned {
    /// The command, redacted.
    pub command: String,
    /// The port that it was told to listen on.
    pub port: u16,
    /// How long it took until it listened there, in milliseconds. Absent: it never did.
    pub listened_after_ms: Option<u64>,
    /// Its end, when it ended before it was stopped.
    pub exit: Option<Exit>,
    /// What it wrote, oldest first; lines in between are given up when there are too many.
    pub lines: Vec<LogLine>,
    /// How many lines were given up.
    pub lines_lost: u64,
}

impl Spawned {
    /// The lines that were read between two moments.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &LogLine> {
        self.lines
            .iter()
            .filter(move |line| line.at >= from && line.at <= to)
    }
}
