//! Findings as rows: which mark, which words, in which order.

use crate::model::diagnosis::Diagnosis;
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::run::{CheckOutcome, CheckResult, Run};
use crate::report::human::page::Paint;
use crate::report::text::{self, NAME, SENTENCE, VALUE};

/// The label of where more is told of a finding.
pub const MORE: &str = "more";

/// What decides the order of rows: what fails the run first, then how bad, then how much it matters.
pub type Weight = (bool, Verdict, Severity);

/// The weight of a finding.
pub fn weight(finding: &Finding) -> Weight {
    (decides(finding), finding.outcome, finding.severity)
}

/// Whether a finding has a say in the verdict.
pub fn decides(finding: &Finding) -> bool {
    finding.severity >= Severity::Major && finding.outcome != Verdict::Pass
}

/// One row.
#[derive(Debug)]
pub struct Row<'r> {
    /// Its layer.
    pub layer: Layer,
    /// How bad.
    pub weight: Weight,
    /// What it says.
    pub text: String,
    /// Label and value pairs that belong under it.
    pub details: Vec<(&'static str, String)>,
    /// The diagnosis that explains it.
    pub cause: Option<&'r Diagnosis>,
}

impl Row<'_> {
    /// The mark, and how it is painted.
    pub fn mark(&self) -> (&'static str, Paint) {
        match self.weight {
            (_, Verdict::Pass, _) => ("✓ ", Paint::Good),
            (false, ..) => ("· ", Paint::Faint),
            (_, Verdict::Fail, _) => ("× ", Paint::Bad),
            (_, Verdict::Inconclusive, _) => ("? ", Paint::Doubt),
            (_, Verdict::Flaky | Verdict::Degraded, _) => ("~ ", Paint::Doubt),
        }
    }
}

/// Every finding, and every check that could not find out and has no finding to say so.
pub fn all(run: &Run, verbose: bool) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = run
        .findings
        .iter()
        .map(|finding| row(run, finding, verbose))
        .collect();
    rows.extend(
        run.checks
            .iter()
            .filter(|check| is_silent(run, check))
            .map(unknown),
    );
    rows.sort_by_key(|row| std::cmp::Reverse(row.weight));
    rows
}

fn row<'r>(run: &'r Run, finding: &Finding, verbose: bool) -> Row<'r> {
    let explained = finding.explained_by.as_ref();
    let cause = explained.and_then(|id| run.diagnoses.iter().find(|diagnosis| diagnosis.cause == *id));
    let mut details = Vec::new();
    if verbose || (decides(finding) && cause.is_none()) {
        details.push(("expected", text::line(&finding.expected, VALUE)));
        details.push(("actual", text::line(&finding.actual, VALUE)));
    }
    if verbose {
        details.push(("advice", text::line(&finding.hint, SENTENCE)));
        details.push(("check", text::line(&finding.check, NAME)));
    }
    if !details.is_empty() {
        details.push((
            MORE,
            text::line(finding.help.as_deref().unwrap_or_default(), VALUE),
        ));
    }
    details.retain(|(_, value)| !value.is_empty());
    Row {
        layer: finding.layer,
        weight: weight(finding),
        text: words(finding, run),
        details,
        cause,
    }
}

/// The title, with the subject when it does not name it, and how often. What the headline says is not said twice.
fn words(finding: &Finding, run: &Run) -> String {
    let title = text::line(&finding.title, SENTENCE);
    let subject = text::line(&finding.subject, NAME);
    let named = subject
        .split_whitespace()
        .all(|word| word == "and" || title.contains(word));
    let said = match (finding.title == run.headline, named) {
        (true, _) => "as said above".to_owned(),
        (false, true) => title,
        (false, false) => format!("{subject}: {title}"),
    };
    match finding.count {
        0 | 1 => said,
        n => format!("{said} (×{n})"),
    }
}

/// Whether a check could not find out, and neither a finding nor a proof says so already.
fn is_silent(run: &Run, check: &CheckResult) -> bool {
    let says = |finding: &Finding| finding.check == check.check && finding.outcome == Verdict::Inconclusive;
    check.outcome == CheckOutcome::Inconclusive
        && !run.findings.iter().any(says)
        && !run
            .proofs
            .iter()
            .any(|proof| proof.id == check.check && !proof.proven)
}

fn unknown<'r>(check: &CheckResult) -> Row<'r> {
    let title = text::line(&check.title, SENTENCE);
    let reason = text::line(check.reason.as_deref().unwrap_or("nothing was seen"), VALUE);
    let flag = check.flag.as_ref().map(|flag| ("try", text::line(flag, VALUE)));
    Row {
        layer: check.layer,
        weight: (
            check.severity >= Severity::Major,
            Verdict::Inconclusive,
            check.severity,
        ),
        text: format!("{title}: {reason}"),
        details: flag.into_iter().collect(),
        cause: None,
    }
}
