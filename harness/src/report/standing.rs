//! How a check stands in a format that knows only passed, failed, skipped and the like. Shared, so that no two dashboards of one
//! run disagree.

use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::run::{CheckOutcome, CheckResult, Run};
use crate::report::text::{self, VALUE};

/// How a check stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Seen, and good.
    Good,
    /// Good, but for what never decides.
    Remarked,
    /// Good on a later attempt only.
    Flaky,
    /// It fails the run.
    Failed,
    /// What had to be known is not, for this reason.
    Unknown(String),
    /// Not asked, or not found out and of no great weight, for this reason.
    Skipped(String),
}

/// A check, what was found of it, and how it stands.
#[derive(Debug)]
pub struct Case<'r> {
    /// The check.
    pub check: &'r CheckResult,
    /// Its findings.
    pub findings: Vec<&'r Finding>,
    /// How it stands.
    pub standing: Standing,
}

/// Every check of a run.
pub fn cases(run: &Run) -> impl Iterator<Item = Case<'_>> {
    run.checks.iter().map(|check| case(run, check))
}

fn case<'r>(run: &'r Run, check: &'r CheckResult) -> Case<'r> {
    let of_it = |finding: &&Finding| finding.check == check.check;
    let findings: Vec<&Finding> = run.findings.iter().filter(of_it).collect();
    Case {
        check,
        standing: standing(run, check, &findings),
        findings,
    }
}

fn standing(run: &Run, check: &CheckResult, findings: &[&Finding]) -> Standing {
    let reason = given(check.reason.as_deref(), check.flag.as_deref());
    let open = run
        .proofs
        .iter()
        .any(|proof| proof.id == check.check && !proof.proven && !proof.accepted);
    let matters = |outcome: Verdict| {
        let said = findings
            .iter()
            .any(|finding| finding.outcome == outcome && finding.severity >= Severity::Major);
        said || (findings.is_empty() && check.severity >= Severity::Major)
    };
    match check.outcome {
        CheckOutcome::Fail if matters(Verdict::Fail) => Standing::Failed,
        CheckOutcome::Inconclusive if check.severity >= Severity::Major || matters(Verdict::Inconclusive) => {
            Standing::Unknown(reason)
        }
        _ if open => Standing::Unknown(format!("not proven: {reason}")),
        CheckOutcome::Flaky => Standing::Flaky,
        CheckOutcome::Pass if findings.is_empty() => Standing::Good,
        CheckOutcome::Pass | CheckOutcome::Degraded | CheckOutcome::Fail => Standing::Remarked,
        CheckOutcome::Inconclusive => Standing::Skipped(format!("could not be found out: {reason}")),
        CheckOutcome::Skipped => Standing::Skipped(reason),
        CheckOutcome::Blocked => Standing::Skipped(format!("blocked: {reason}")),
    }
}

/// A reason, and the flag that would change it.
pub fn given(reason: Option<&str>, flag: Option<&str>) -> String {
    let reason = text::line(reason.unwrap_or("it was not observed"), VALUE);
    match flag {
        Some(flag) => format!("{reason}; {} would change that", text::line(flag, VALUE)),
        None => reason,
    }
}

/// The finding that weighs most.
pub fn worst<'r>(findings: &[&'r Finding]) -> Option<&'r Finding> {
    findings
        .iter()
        .copied()
        .max_by_key(|finding| (finding.fails(), finding.severity))
}
