//! The report for the dashboards of CI systems: one suite a layer, one case a check, and a case for the verdict itself.
//!
//! A dashboard that shows nothing but this file must not be green when the exit code is not 0, and not be red when it
//! is: what is unproven or could not be found out is an error, what never decides is a remark on a case that passes.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use crate::model::exit;
use crate::model::finding::{Finding, Layer};
use crate::model::run::Run;
use crate::report::coverage;
use crate::report::standing::{self, Case, Standing, given};
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// The longest command that is quoted.
const COMMAND: usize = 4_000;
/// Findings told of one check.
const FINDINGS: usize = 50;

/// Written if the real one cannot be: an empty file would read as "nothing failed".
const BROKEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"greenlight\" tests=\"1\" failures=\"0\" \
errors=\"1\"><testsuite name=\"verdict\" tests=\"1\" failures=\"0\" errors=\"1\"><testcase name=\"report\" \
classname=\"verdict\"><error message=\"the report could not be written\"/></testcase></testsuite></testsuites>\n";

/// The report of a run.
pub fn render(run: &Run) -> String {
    let mut report = Report::new("greenlight");
    report.time = Some(Duration::from_millis(run.duration_ms));
    report.timestamp = run.started_at.to_string().parse().ok();
    report.add_test_suite(verdict(run));
    let mut layers: Vec<Layer> = run.checks.iter().map(|check| check.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    for layer in layers {
        let mut suite = TestSuite::new(layer.title());
        let its = standing::cases(run).filter(|case| case.check.layer == layer);
        suite.add_test_cases(its.map(|its| case(run, &its)));
        report.add_test_suite(suite);
    }
    report.to_string().unwrap_or_else(|_| BROKEN.to_owned())
}

/// The suite that says how the run ended, with the facts that belong to no check.
fn verdict(run: &Run) -> TestSuite {
    let mut suite = TestSuite::new("verdict");
    let version = run.target.version.as_deref().unwrap_or("unknown");
    let facts = [
        ("target", run.target.base.as_str()),
        ("environment", run.target.environment.as_str()),
        ("version", version),
        ("greenlight", run.tool.version.as_str()),
    ];
    suite.add_properties(facts.map(|(name, value)| (name.to_owned(), text::line(value, VALUE))));
    let covered = coverage::facts(run).into_iter();
    suite.add_properties(covered.map(|fact| ("contract".to_owned(), text::line(&fact, VALUE))));
    let headline = text::line(&run.headline, SENTENCE);
    let mut status = match run.exit_code {
        exit::PASS => TestCaseStatus::success(),
        exit::FAIL => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    status.set_message(format!("{}: {headline}", run.verdict.word()));
    status.set_type(format!("exit {}", run.exit_code));
    status.set_description(told(run));
    let mut case = TestCase::new("the run as a whole", status);
    case.set_classname("verdict");
    if run.exit_code == exit::PASS {
        let waived = waived(run);
        case.set_system_out([vec![headline], waived].concat().join("\n"));
    }
    suite.add_test_case(case);
    suite
}

/// The causes and what to do, a line each.
fn told(run: &Run) -> String {
    let mut lines = Vec::new();
    if run.interrupted {
        lines.push("The run was stopped before it was done.".to_owned());
    }
    for proof in run.proofs.iter().filter(|proof| !proof.proven) {
        lines.push(format!(
            "not proven: {}: {}",
            text::line(&proof.title, SENTENCE),
            given(proof.reason.as_deref(), proof.flag.as_deref())
        ));
    }
    lines.extend(waived(run));
    for diagnosis in &run.diagnoses {
        lines.push(format!("cause: {}", text::line(&diagnosis.statement, SENTENCE)));
        lines.extend(
            diagnosis
                .next_steps
                .iter()
                .map(|step| format!("next: {}", text::line(step, COMMAND))),
        );
        let more = diagnosis.help.iter();
        lines.extend(more.map(|more| format!("more: {}", text::line(more, VALUE))));
    }
    lines.join("\n")
}

/// What somebody answers for, a line each: told of a green run as well.
fn waived(run: &Run) -> Vec<String> {
    let lines = waivers::lines(run).into_iter();
    lines.map(|line| format!("waived: {line}")).collect()
}

fn case(run: &Run, case: &Case<'_>) -> TestCase {
    let check = case.check;
    let mut shown = TestCase::new(text::line(&check.title, SENTENCE), status(run, case));
    shown.set_classname(text::line(&check.check, NAME));
    shown.set_assertions(usize::try_from(check.judged).unwrap_or(usize::MAX));
    if !case.findings.is_empty() && matches!(shown.status, TestCaseStatus::Success { .. }) {
        shown.set_system_out(describe(run, &case.findings));
    }
    shown
}

fn status(run: &Run, case: &Case<'_>) -> TestCaseStatus {
    let findings = &case.findings;
    match &case.standing {
        Standing::Good | Standing::Remarked => TestCaseStatus::success(),
        Standing::Flaky => flaky(run, findings),
        Standing::Failed => {
            let reason = given(case.check.reason.as_deref(), case.check.flag.as_deref());
            bad(run, NonSuccessKind::Failure, &reason, findings)
        }
        Standing::Unknown(reason) => bad(run, NonSuccessKind::Error, reason, findings),
        Standing::Skipped(reason) => skipped(reason),
    }
}

fn bad(run: &Run, kind: NonSuccessKind, reason: &str, findings: &[&Finding]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    match standing::worst(findings) {
        Some(finding) => {
            status.set_message(text::line(&finding.title, SENTENCE));
            status.set_type(finding.severity.word());
            status.set_description(describe(run, findings));
        }
        None => {
            status.set_message(reason);
        }
    }
    status
}

/// Good on a later attempt: a case that passes, with the attempts that did not.
fn flaky(run: &Run, findings: &[&Finding]) -> TestCaseStatus {
    let mut status = TestCaseStatus::success();
    status.add_reruns(findings.iter().take(FINDINGS).map(|finding| {
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        rerun.set_message(text::line(&finding.title, SENTENCE));
        rerun.set_type(finding.severity.word());
        rerun.set_description(describe(run, &[finding]));
        rerun
    }));
    status
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(reason);
    status
}

/// The findings in full, a paragraph each.
fn describe(run: &Run, findings: &[&Finding]) -> String {
    let mut paragraphs: Vec<String> = findings
        .iter()
        .take(FINDINGS)
        .map(|finding| paragraph(run, finding))
        .collect();
    if findings.len() > FINDINGS {
        paragraphs.push(format!(
            "and {} more; the JSON report has them",
            findings.len() - FINDINGS
        ));
    }
    paragraphs.join("\n\n")
}

fn paragraph(run: &Run, finding: &Finding) -> String {
    let mut lines = vec![text::line(&finding.title, SENTENCE)];
    let mut fact = |name: &str, value: &str, most: usize| {
        if !value.is_empty() {
            lines.push(format!("{name:<9} {}", text::line(value, most)));
        }
    };
    fact("subject", &finding.subject, NAME);
    fact("severity", finding.severity.word(), NAME);
    fact("expected", &finding.expected, VALUE);
    fact("actual", &finding.actual, VALUE);
    fact("advice", &finding.hint, SENTENCE);
    fact("cause", finding.explained_by.as_deref().unwrap_or_default(), NAME);
    let waived = waivers::of(run, finding).map(waivers::line);
    fact("waived", &waived.unwrap_or_default(), waivers::WORDS);
    if finding.count > 1 {
        fact("seen", &format!("{} times", finding.count), NAME);
    }
    let first = finding.exchanges.first().map(ToString::to_string);
    if let Some(evidence) = run
        .evidence
        .iter()
        .find(|evidence| Some(&evidence.id) == first.as_ref())
    {
        fact("evidence", &evidence.line, VALUE);
        fact("body", evidence.excerpt.as_deref().unwrap_or_default(), VALUE);
        fact("again", &evidence.curl, COMMAND);
    }
    fact("more", finding.help.as_deref().unwrap_or_default(), VALUE);
    lines.join("\n")
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod tests;
