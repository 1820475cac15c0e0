//! Probes that were asked for and not sent.

use serde::{Deserialize, Serialize};

use crate::model::exchange::Asker;
use crate::model::probe::Probe;

/// Why a probe was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Why {
    /// Its effect is not allowed here.
    Effect,
    /// The budget of paid calls is spent.
    Paid,
    /// The budget of requests is spent.
    Requests,
    /// The budget of bytes is spent, or what is left is less than the body.
    Bytes,
    /// The operation would be asked more often a minute than production allows.
    Throttle,
    /// The run's own deadline came first.
    Deadline,
    /// The operation kept its callers waiting to the deadline too often to be asked again.
    GaveUp,
    /// The credential that it names is not at hand.
    NoCredential,
    /// A value that it needs from an earlier answer was not there.
    NoCapture,
    /// The run was interrupted.
    Interrupted,
}

/// A probe that was asked for and not sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Refusal {
    /// The probe.
    pub probe: Probe,
    /// Who asked.
    pub askers: Vec<Asker>,
    /// Why not.
    pub why: Why,
    /// The same in a sentence.
    pub reason: String,
    /// The flag that would allow it, when one would.
    pub flag: Option<String>,
}
