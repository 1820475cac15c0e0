//! A finished run as a stream of lines, one fact each, for whoever reads logs rather than documents.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::diagnosis::Diagnosis;
use crate::model::finding::{Finding, Verdict};
use crate::model::probe::Effect;
use crate::model::recording::Tool;
use crate::model::run::{CheckResult, Counts, Evidence, ProofResult, SentCounts, TargetSummary};
use crate::model::waiver::Waived;

/// The schema of the lines. It only grows: a reader skips events that it does not know.
pub const SCHEMA: &str = "greenlight.events/1";

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Line {
    /// The first line.
    Started(Started),
    /// An attempt at a probe, in the order of sending.
    Exchange(Asked),
    /// What became of a check.
    Check(CheckResult),
    /// A finding.
    Finding(Finding),
    /// An exchange that findings point at, with a command that asks the same.
    Evidence(Evidence),
    /// A cause, the likeliest first.
    Diagnosis(Diagnosis),
    /// A proof that the run needs.
    Proof(ProofResult),
    /// A failure accepted for a time.
    Waiver(Waived),
    /// The last line. A stream without it is not whole.
    Ended(Ended),
}

/// How a run began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Started {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build that judged it.
    pub tool: Tool,
    /// When it began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: Timestamp,
    /// What was under test.
    pub target: TargetSummary,
}

/// An exchange in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Asked {
    /// Its name, `x12`. Attempts at one probe share it.
    pub id: String,
    /// The attempt, from 1.
    pub attempt: u8,
    /// When it began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The URL, when the request was sent.
    pub url: Option<String>,
    /// What would happen if the service accepted it.
    pub effect: Effect,
    /// The status, when there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub failure: Option<String>,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The checks that asked for it.
    pub askers: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ended {
    /// The worst that was found.
    pub verdict: Verdict,
    /// What that means for the caller's shell.
    pub exit_code: u8,
    /// The cause in plain words.
    pub headline: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
    /// How many checks ended how.
    pub counts: Counts,
    /// What went out.
    pub sent: SentCounts,
}
