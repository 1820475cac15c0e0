//! A finished, judged run: all that a report shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::coverage::Coverage;
use crate::model::diagnosis::{Diagnosis, Hypothesis};
use crate::model::diff::Baseline;
use crate::model::exported::Exported;
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::journey::Journey;
use crate::model::recording::Tool;
use crate::model::rollout::Rollout;
use crate::model::waiver::Waived;

/// The schema of the JSON report. It only grows.
pub const SCHEMA: &str = "greenlight.report/1";

/// What became of one selected check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum CheckOutcome {
    /// Seen, and good.
    Pass,
    /// Good on a later attempt only.
    Flaky,
    /// Works, worse than it should.
    Degraded,
    /// It could not be found out.
    Inconclusive,
    /// Wrong.
    Fail,
    /// Not asked, for a reason.
    Skipped,
    /// Not asked, because what it needs failed.
    Blocked,
}

impl From<Verdict> for CheckOutcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => CheckOutcome::Pass,
            Verdict::Flaky => CheckOutcome::Flaky,
            Verdict::Degraded => CheckOutcome::Degraded,
            Verdict::Inconclusive => CheckOutcome::Inconclusive,
            Verdict::Fail => CheckOutcome::Fail,
        }
    }
}

/// One selected check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CheckResult {
    /// Its id.
    pub check: String,
    /// Its title: a positive claim.
    pub title: String,
    /// Its layer.
    pub layer: Layer,
    /// How much its failure matters.
    pub severity: Severity,
    /// What became of it.
    pub outcome: CheckOutcome,
    /// How many exchanges it judged.
    pub judged: u32,
    /// Why it was skipped, blocked or inconclusive.
    pub reason: Option<String>,
    /// The flag that would let it run, when one would.
    pub flag: Option<String>,
}

/// A proof that the run needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProofResult {
    /// Its id: the check that gives it.
    pub id: String,
    /// What it would prove.
    pub title: String,
    /// Whether it was observed.
    pub proven: bool,
    /// Whether the user goes without it.
    pub accepted: bool,
    /// Why it was not observed.
    pub reason: Option<String>,
    /// The flag that would prove it.
    pub flag: Option<String>,
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// Seen, and good.
    pub pass: u32,
    /// Good on a later attempt only.
    pub flaky: u32,
    /// Works, worse than it should.
    pub degraded: u32,
    /// It could not be found out.
    pub inconclusive: u32,
    /// Wrong.
    pub fail: u32,
    /// Not asked, for a reason.
    pub skipped: u32,
    /// Not asked, because what they need failed.
    pub blocked: u32,
}

/// What went out, by effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SentCounts {
    /// Safe requests.
    pub reads: u32,
    /// CORS-preflight requests.
    pub preflights: u32,
    /// Requests that could never be accepted.
    pub inert: u32,
    /// Requests that cost money when accepted.
    pub paid: u32,
    /// How many of those the run was allowed, where it was bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_allowed: Option<u32>,
    /// Requests that write when accepted.
    pub writes: u32,
    /// Requests that strain the service on purpose.
    pub hostile: u32,
    /// Bytes of request bodies.
    pub bytes: u64,
}

impl SentCounts {
    /// Requests in all.
    pub fn total(&self) -> u32 {
        self.reads + self.preflights + self.inert + self.paid + self.writes + self.hostile
    }
}

/// The target, as far as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TargetSummary {
    /// The service's name, when known.
    pub name: Option<String>,
    /// The base URL.
    pub base: String,
    /// `local`, `staging` or `production`.
    pub environment: String,
    /// The build that answered, when it says.
    pub version: Option<String>,
    /// Origins of the pages that were stood in for.
    pub origins: Vec<String>,
    /// What was assumed because nobody said it.
    pub assumed: Vec<String>,
}

/// One line of evidence: an exchange in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The exchange, `x12`.
    pub id: String,
    /// The request and its answer in one line.
    pub line: String,
    /// A curl command that asks the same, credentials as names of variables.
    pub curl: String,
    /// The beginning of the answer's body, control characters escaped.
    pub excerpt: Option<String>,
    /// What the service wrote during the exchange, when this run started it and the answer was a server error or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Run {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build that judged it.
    pub tool: Tool,
    /// What was under test.
    pub target: TargetSummary,
    /// The worst that was found.
    pub verdict: Verdict,
    /// What that means for the caller's shell, before `--fail-on`.
    pub exit_code: u8,
    /// The headline: the cause in plain words.
    pub headline: String,
    /// When the run began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
    /// How many checks ended how.
    pub counts: Counts,
    /// What had to be seen.
    pub proofs: Vec<ProofResult>,
    /// Every check that was selected.
    pub checks: Vec<CheckResult>,
    /// What was found, by layer, id and subject.
    pub findings: Vec<Finding>,
    /// The causes, the likeliest first.
    pub diagnoses: Vec<Diagnosis>,
    /// What may be wrong although nothing was seen to be, the likeliest first: of a diagnosis that reproduced nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<Hypothesis>,
    /// The checks that were skipped or blocked, with their reasons.
    pub skipped: Vec<CheckResult>,
    /// Failures accepted for a time, and what came of that.
    pub waivers: Vec<Waived>,
    /// What waiting for the deploy saw, when the run waited first. Unless it settled, nothing was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// How it compares with the baseline, when one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// What was seen of the contract, operation by operation, when one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// What a browser exported, when its own requests were judged and nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Exported>,
    /// What became of the workflows of a scenario, when one was run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journeys: Vec<Journey>,
    /// What went out.
    pub sent: SentCounts,
    /// The exchanges that findings point at.
    pub evidence: Vec<Evidence>,
}
