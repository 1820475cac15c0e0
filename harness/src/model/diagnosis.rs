//! One cause behind many findings.

use serde::{Deserialize, Serialize};

use crate::model::finding::Finding;

/// What may be wrong although nothing was seen to be, and what would tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Hypothesis {
    /// What may be wrong, and why it was not seen.
    pub what: String,
    /// The command that would show it, when one would.
    pub command: Option<String>,
}

/// Whose hands it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Blame {
    /// This build or its configuration.
    Deploy,
    /// Something that the service depends on.
    Upstream,
    /// The credential that the run used.
    Credential,
    /// What stands in front of the service.
    Edge,
    /// The checker: its network, its clock, its settings.
    Checker,
    /// Not known.
    Unknown,
}

impl Blame {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Blame::Deploy => "this deploy",
            Blame::Upstream => "something it depends on",
            Blame::Credential => "the credential",
            Blame::Edge => "the edge in front of it",
            Blame::Checker => "the checker",
            Blame::Unknown => "unknown",
        }
    }
}

/// How sure a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Confidence {
    /// One of several that fit.
    Possible,
    /// Fits everything seen.
    Likely,
    /// Seen itself.
    Certain,
}

/// Which finding a diagnosis explains.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Explained {
    /// The check's id.
    pub check: String,
    /// The finding's subject.
    pub subject: String,
}

/// A cause, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diagnosis {
    /// The cause's id.
    pub cause: String,
    /// The cause in one plain sentence, with what was seen.
    pub statement: String,
    /// Whose hands it is in.
    pub blame: Blame,
    /// How sure.
    pub confidence: Confidence,
    /// What was seen that says so.
    pub evidence: Vec<String>,
    /// What was not seen and might have been thought.
    pub ruled_out: Vec<String>,
    /// Where such a thing comes from in production, the likeliest first. Filled from what is known of the cause when the
    /// cause itself leaves it empty; recordings of reports from before it was there have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likely_causes: Vec<String>,
    /// Where more is told of the cause: the address of its page, else the command that prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What to do next, first thing first.
    pub next_steps: Vec<String>,
    /// The findings that it explains.
    pub explains: Vec<Explained>,
}

impl Diagnosis {
    /// Whether this finding is one that it explains.
    pub fn covers(&self, finding: &Finding) -> bool {
        let same = |one: &Explained| one.check == finding.check && one.subject == finding.subject;
        self.explains.iter().any(same)
    }
}
