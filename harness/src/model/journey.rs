//! What became of a scenario: its workflows and their steps, as far as a recording and a report may tell it.

use serde::{Deserialize, Serialize};

use crate::model::exchange::Xid;
use crate::model::run::CheckOutcome;

/// One run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Journey {
    /// The file of its document.
    pub file: String,
    /// The workflow's id.
    pub workflow: String,
    /// The worst of its steps.
    pub outcome: CheckOutcome,
    /// Why it was not run, or not to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its steps: those that were run in that order, then those that were not.
    pub steps: Vec<Passage>,
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Passage {
    /// The step's id; in a workflow that a step called, behind that step's.
    pub step: String,
    /// What it calls: `POST /notes/{id}`, or a workflow.
    pub call: String,
    /// What became of it.
    pub outcome: CheckOutcome,
    /// The status that was answered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How often it was tried.
    pub tries: u32,
    /// How long its last try took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
    /// What is wrong with it, or why it was not run, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The flag that would let it run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The criteria that did not hold, each with its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<Unmet>,
    /// Why a server error is right here, when the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects_5xx: Option<String>,
    /// The exchanges of all its tries, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Xid>,
}

/// A criterion that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unmet {
    /// The condition as it is written.
    pub condition: String,
    /// Each part of it and what it was: `$statusCode is 500`.
    pub parts: Vec<String>,
}
