//! What two recordings, or two contracts, do not have in common.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::finding::Verdict;
use crate::model::recording::Tool;

/// The schema of the difference that `greenlight diff` prints. It only grows.
pub const SCHEMA: &str = "greenlight.diff/1";

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Kind {
    /// The contract.
    Contract,
    /// The status of an answer.
    Status,
    /// A header of an answer.
    Header,
    /// The shape of an answer's body.
    Body,
    /// How long answers took.
    Latency,
}

impl Kind {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Contract => "contract",
            Kind::Status => "status",
            Kind::Header => "header",
            Kind::Body => "body",
            Kind::Latency => "latency",
        }
    }
}

/// What a change may cost. Ordered from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Cost {
    /// A client that worked before may not any more, or a protection is gone.
    Breaking,
    /// It works, and worse than before.
    Worse,
    /// Nothing that is known.
    Nothing,
}

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Change {
    /// What it may cost.
    pub cost: Cost,
    /// What it is about.
    pub kind: Kind,
    /// The operation, or the first of several.
    pub subject: String,
    /// The change in one plain sentence.
    pub statement: String,
    /// At how many operations or places it was seen; of latency, how many answers of each run were compared.
    pub count: u32,
}

/// A failure of one of the two runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failed {
    /// The check or rule.
    pub check: String,
    /// What it is about.
    pub subject: String,
    /// What is wrong.
    pub title: String,
}

/// Failures of both runs, by check and subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failures {
    /// Of the later run alone, though the earlier one judged the check.
    pub new: Vec<Failed>,
    /// Of the later run, by checks that the earlier one did not judge: whether they are new is unknown.
    pub unknown: Vec<Failed>,
    /// Of both.
    pub same: Vec<Failed>,
    /// Of the earlier run alone, though the later one judged the check.
    pub gone: Vec<Failed>,
}

/// One of the two that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Side {
    /// The file, or what it is when it is none.
    pub source: String,
    /// The base URL, of a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The build that answered, when it says; the document's version, of a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When the run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub at: Option<Timestamp>,
    /// What the run is worth, judged by today's checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What changed from one to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diff {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build that compared.
    pub tool: Tool,
    /// The earlier one.
    pub before: Side,
    /// The later one.
    pub after: Side,
    /// What keeps the two from being compared as equals, such as another environment. With one of them, no change decides.
    pub unlike: Vec<String>,
    /// Failures of both runs.
    pub failures: Failures,
    /// What changed beside failures, the costliest first.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let failures = &self.failures;
        self.changes.is_empty()
            && failures.new.is_empty()
            && failures.unknown.is_empty()
            && failures.gone.is_empty()
    }

    /// Whether something breaks: a failure that is new, or a breaking change.
    pub fn breaks(&self) -> bool {
        !self.failures.new.is_empty() || self.changes.iter().any(|change| change.cost == Cost::Breaking)
    }

    /// The costliest change that decides: none between runs that are no equals.
    pub fn worst(&self) -> Option<&Change> {
        let costly = self.changes.iter().filter(|change| change.cost < Cost::Nothing);
        costly
            .min_by_key(|change| change.cost)
            .filter(|_| self.unlike.is_empty())
    }
}

/// What became of the baseline that a run was to be compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Baseline {
    /// There is no such file yet.
    Absent(String),
    /// It was compared.
    Compared(Box<Diff>),
}

impl Baseline {
    /// What the earlier run was worth, when there was one.
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Baseline::Absent(_) => None,
            Baseline::Compared(diff) => diff.before.verdict,
        }
    }
}
