//! The verdict rules: what was proven, what the worst is, and the one line that says so. Pure.

use std::cmp::Reverse;

use crate::check::Check;
use crate::model::diagnosis::Diagnosis;
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::recording::Recording;
use crate::model::run::{CheckOutcome, CheckResult, Counts, ProofResult};

/// What the run had to see: every selected check that must run.
pub fn proofs(
    recording: &Recording,
    checks: &[&'static dyn Check],
    results: &[CheckResult],
) -> Vec<ProofResult> {
    let must_run = checks
        .iter()
        .map(|check| check.spec())
        .filter(|spec| spec.must_run);
    must_run
        .filter_map(|spec| {
            let result = results.iter().find(|result| result.check == spec.id)?;
            let exempt = result.outcome == CheckOutcome::Skipped
                && result.flag.is_none()
                && !recording.target.proofs.is_empty()
                && recording.target.auth.is_none();
            (!exempt).then(|| ProofResult {
                id: spec.id.to_owned(),
                title: spec.title.to_owned(),
                proven: result.judged > 0 && is_seen(result.outcome),
                accepted: recording.accept_unproven.iter().any(|id| id == spec.id),
                reason: result.reason.clone(),
                flag: result.flag.clone(),
            })
        })
        .collect()
}

fn is_seen(outcome: CheckOutcome) -> bool {
    matches!(
        outcome,
        CheckOutcome::Pass | CheckOutcome::Flaky | CheckOutcome::Degraded
    )
}

/// The run's verdict: the worst of what was found, what could not be found out, and what was not proven.
pub fn verdict(
    checks: &[CheckResult],
    findings: &[Finding],
    proofs: &[ProofResult],
    strict: bool,
) -> Verdict {
    let found = findings.iter().map(|finding| weight(finding, strict));
    let unknown = checks
        .iter()
        .filter(|check| check.severity >= Severity::Major)
        .map(|check| {
            if check.outcome == CheckOutcome::Inconclusive {
                Verdict::Inconclusive
            } else {
                Verdict::Pass
            }
        });
    let unproven = proofs.iter().any(|proof| !proof.proven && !proof.accepted);
    let nothing = checks.iter().all(|check| check.judged == 0);
    let least = if unproven || nothing {
        Verdict::Inconclusive
    } else {
        Verdict::Pass
    };
    found.chain(unknown).max().unwrap_or(Verdict::Pass).max(least)
}

/// What one finding makes of the run.
pub fn weight(finding: &Finding, strict: bool) -> Verdict {
    match finding.severity {
        Severity::Advisory => Verdict::Pass,
        Severity::Minor if strict && finding.outcome == Verdict::Fail => Verdict::Degraded,
        Severity::Minor => Verdict::Pass,
        Severity::Major | Severity::Blocker => finding.outcome,
    }
}

/// How many checks ended how.
pub fn counts(checks: &[CheckResult]) -> Counts {
    let count = |outcome| {
        u32::try_from(checks.iter().filter(|check| check.outcome == outcome).count()).unwrap_or(u32::MAX)
    };
    Counts {
        pass: count(CheckOutcome::Pass),
        flaky: count(CheckOutcome::Flaky),
        degraded: count(CheckOutcome::Degraded),
        inconclusive: count(CheckOutcome::Inconclusive),
        fail: count(CheckOutcome::Fail),
        skipped: count(CheckOutcome::Skipped),
        blocked: count(CheckOutcome::Blocked),
    }
}

/// One line in plain words: the cause when there is one, else the worst finding, else what was not proven.
pub fn headline(
    recording: &Recording,
    verdict: Verdict,
    checks: &[CheckResult],
    findings: &[Finding],
    (told, diagnoses): (Option<&Diagnosis>, &[Diagnosis]),
    proofs: &[ProofResult],
) -> String {
    let worst = findings
        .iter()
        .filter(|finding| weight(finding, recording.strict) == verdict)
        // Of equals the first, as on the page below it.
        .min_by_key(|finding| (Reverse(finding.severity), finding.layer));
    let told = told.filter(|_| verdict >= Verdict::Flaky && worst.is_some());
    match (verdict, told, worst) {
        (Verdict::Pass, ..) => passed(checks, findings, proofs),
        (_, Some(diagnosis), _) => diagnosis.statement.clone(),
        (_, None, Some(finding)) => finding.title.clone(),
        (_, None, None) => {
            // Why something was not seen says more than what was not seen.
            let why = diagnoses.iter().find(|diagnosis| diagnosis.explains.is_empty());
            why.map_or_else(|| unproven(checks, findings, proofs), |why| why.statement.clone())
        }
    }
}

/// Which cause the verdict is due to: a cause of something minor is none for a failure that it does not explain.
pub fn deciding(
    recording: &Recording,
    verdict: Verdict,
    findings: &[Finding],
    diagnoses: &[Diagnosis],
) -> Option<usize> {
    let decisive = |finding: &&Finding| weight(finding, recording.strict) == verdict;
    diagnoses.iter().position(|diagnosis| {
        let unseen = diagnosis.explains.is_empty() && verdict < Verdict::Fail;
        let mut decided = findings.iter().filter(decisive);
        unseen || decided.any(|finding| diagnosis.covers(finding))
    })
}

fn passed(checks: &[CheckResult], findings: &[Finding], proofs: &[ProofResult]) -> String {
    let judged = checks.iter().filter(|check| check.judged > 0).count();
    let without: Vec<&str> = proofs
        .iter()
        .filter(|proof| !proof.proven)
        .map(|proof| proof.id.as_str())
        .collect();
    let proven = proofs.len() - without.len();
    let mut line = format!(
        "{judged} checks saw nothing wrong{}, and {proven} of {} proofs were seen",
        remarks(findings),
        proofs.len()
    );
    if !without.is_empty() {
        line.push_str(&format!("; accepted without proof: {}", without.join(", ")));
    }
    line
}

/// What does not decide and is not kept quiet either.
fn remarks(findings: &[Finding]) -> String {
    match findings.len() {
        0 => String::new(),
        1 => " but for one remark".to_owned(),
        several => format!(" but for {several} remarks"),
    }
}

fn unproven(checks: &[CheckResult], findings: &[Finding], proofs: &[ProofResult]) -> String {
    let open: Vec<&ProofResult> = proofs
        .iter()
        .filter(|proof| !proof.proven && !proof.accepted)
        .collect();
    if let Some(first) = open.first() {
        let flag = first
            .flag
            .as_ref()
            .map(|flag| format!("; {flag} would prove it"))
            .unwrap_or_default();
        let reason = first.reason.as_deref().unwrap_or("it was not observed");
        return format!(
            "Nothing seen was wrong{}, and it is not proven that {}: {reason}{flag}",
            remarks(findings),
            lower(&first.title)
        );
    }
    let unknown = checks
        .iter()
        .find(|check| check.outcome == CheckOutcome::Inconclusive);
    match unknown {
        Some(check) => {
            let reason = check.reason.as_deref().unwrap_or("nothing was seen");
            format!(
                "It could not be found out whether {}: {reason}",
                lower(&check.title)
            )
        }
        None => "Nothing was checked".to_owned(),
    }
}

/// A title in the middle of a sentence.
fn lower(title: &str) -> String {
    let mut chars = title.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_that_says_nothing_was_wrong_counts_what_was_remarked() {
        let finding = crate::report::fixtures::finding("health/fresh", "GET /health", "Old", ["now", "then"]);
        assert_eq!(
            passed(&[], &[], &[]),
            "0 checks saw nothing wrong, and 0 of 0 proofs were seen"
        );
        let one = passed(&[], std::slice::from_ref(&finding), &[]);
        assert_eq!(
            one,
            "0 checks saw nothing wrong but for one remark, and 0 of 0 proofs were seen"
        );
        assert!(passed(&[], &[finding.clone(), finding], &[]).contains("but for 2 remarks"));
    }
}
