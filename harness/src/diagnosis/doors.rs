//! What the causes behind doors that stand open have in common: which findings say so, of whom and where.

use crate::diagnosis::case::{Case, explained};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Severity};
use crate::model::probe::Mutation;

/// What lets in callers without a credential.
pub fn open_to_all<'c>(case: &Case<'c>) -> Vec<&'c Finding> {
    blockers(case, "auth/missing-credential-refused")
}

/// What lets in a credential that was spoilt in one of these ways.
pub fn open_to<'c>(case: &Case<'c>, mutations: &[Mutation]) -> Vec<&'c Finding> {
    let spoilt = |finding: &&Finding| {
        let who = case
            .shown(finding)
            .and_then(|exchange| exchange.probe.who.as_ref());
        who.is_some_and(|who| mutations.contains(&who.mutation))
    };
    let found = blockers(case, "auth/spoilt-credential-refused").into_iter();
    found.filter(spoilt).collect()
}

/// What lets in a credential that has expired.
pub fn open_to_expired<'c>(case: &Case<'c>) -> Vec<&'c Finding> {
    blockers(case, "auth/expired-credential-refused")
}

fn blockers<'c>(case: &Case<'c>, check: &str) -> Vec<&'c Finding> {
    let found = case.of(check).into_iter();
    found
        .filter(|finding| finding.fails() && finding.severity == Severity::Blocker)
        .collect()
}

/// What else lets in somebody who must be refused: one of these checks says so.
pub fn open_by<'c>(case: &Case<'c>, check: &str) -> Vec<&'c Finding> {
    let found = case.of(check).into_iter();
    found.filter(|finding| finding.fails()).collect()
}

/// A diagnosis of a door that stands open in one way: what was seen there, and what to do.
pub fn diagnosis(
    case: &Case<'_>,
    cause: &str,
    found: Vec<&Finding>,
    statement: String,
    next_steps: &[&str],
) -> Option<Diagnosis> {
    let shown = shown(case, &found);
    shown.first()?;
    Some(Diagnosis {
        cause: cause.to_owned(),
        statement,
        blame: Blame::Deploy,
        confidence: Confidence::Certain,
        evidence: words::seen(&shown),
        ruled_out: words::ruled_out(case),
        likely_causes: Vec::new(),
        help: None,
        next_steps: next_steps.iter().map(|step| (*step).to_owned()).collect(),
        explains: explained(found),
    })
}

/// The ways in which a finding of one of the checks of spoilt credentials had its credential spoilt.
pub fn spoilt_so(case: &Case<'_>, found: &[&Finding]) -> Vec<Mutation> {
    shown(case, found)
        .iter()
        .filter_map(|exchange| Some(exchange.probe.who.as_ref()?.mutation))
        .collect()
}

/// The operations that findings are about, each once.
pub fn operations(case: &Case<'_>, findings: &[&Finding]) -> Vec<String> {
    let mut operations: Vec<String> = shown(case, findings)
        .iter()
        .map(|exchange| exchange.probe.operation())
        .collect();
    operations.sort();
    operations.dedup();
    operations
}

/// The exchanges that show findings.
pub fn shown<'c>(case: &Case<'c>, findings: &[&Finding]) -> Vec<&'c Exchange> {
    findings
        .iter()
        .filter_map(|finding| case.shown(finding))
        .collect()
}

/// Everything at these operations that lets in somebody who must be refused.
pub fn of_operations<'c>(case: &Case<'c>, operations: &[String]) -> Vec<&'c Finding> {
    let mut all = open_to_all(case);
    all.extend(blockers(case, "auth/spoilt-credential-refused"));
    all.extend(open_to_expired(case));
    for check in [
        "auth/claims-checked",
        "auth/headers-grant-nothing",
        "auth/path-variants-refused",
        "auth/credential-not-in-url",
        "auth/published-key-is-no-secret",
    ] {
        all.extend(open_by(case, check));
    }
    all.retain(|finding| {
        let operation = case.shown(finding).map(|exchange| exchange.probe.operation());
        operation.is_some_and(|operation| operations.contains(&operation))
    });
    all
}
