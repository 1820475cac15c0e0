//! The report in the Test Anything Protocol, version 14 (testanything.org): one test point a check and one for the run as a whole,
//! YAML diagnostics under what is not good, `SKIP` for what was not asked and `TODO` for what never decides.

use serde_json::{Value, json};

use crate::model::exit;
use crate::model::finding::{Finding, Verdict};
use crate::model::run::{CheckOutcome, Run};
use crate::report::encode;
use crate::report::standing::{self, Case, Standing};
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Findings told of one check.
const FINDINGS: usize = 50;
/// The longest command that is quoted.
const COMMAND: usize = 4_000;

/// The report of a run.
pub fn render(run: &Run) -> String {
    let cases: Vec<Case<'_>> = standing::cases(run).collect();
    let mut out = format!("TAP version 14\n1..{}\n", cases.len() + 1);
    whole(run, &mut out);
    for (at, case) in cases.iter().enumerate() {
        point(run, at + 2, case, &mut out);
    }
    out
}

/// The test point that stands for the exit code.
fn whole(run: &Run, out: &mut String) {
    let good = run.exit_code == exit::PASS;
    let headline = format!("{}: {}", run.verdict.word(), text::line(&run.headline, SENTENCE));
    line(good, 1, &headline, "", out);
    let open = run.proofs.iter().filter(|proof| !proof.proven && !proof.accepted);
    let facts = [
        ("target", json!(text::line(&run.target.base, VALUE))),
        ("environment", json!(text::line(&run.target.environment, NAME))),
        ("exit", json!(run.exit_code)),
        ("interrupted", json!(run.interrupted)),
        ("duration_ms", json!(run.duration_ms)),
        ("causes", causes(run)),
        (
            "not_proven",
            open.map(|proof| text::line(&proof.title, SENTENCE)).collect(),
        ),
        ("waived", waived(run)),
    ];
    yaml(&facts, out);
}

/// What somebody answers for; nothing where nobody does.
fn waived(run: &Run) -> Value {
    let lines = waivers::lines(run);
    if lines.is_empty() {
        Value::Null
    } else {
        json!(lines)
    }
}

fn causes(run: &Run) -> Value {
    let cause = |diagnosis: &crate::model::diagnosis::Diagnosis| {
        let next = diagnosis.next_steps.iter().map(|step| text::line(step, COMMAND));
        json!({
            "cause": text::line(&diagnosis.cause, NAME),
            "statement": text::line(&diagnosis.statement, SENTENCE),
            "at_fault": diagnosis.blame.word(),
            "next": next.collect::<Vec<_>>(),
            "more": diagnosis.help.as_deref().map(|more| text::line(more, VALUE)),
        })
    };
    run.diagnoses.iter().map(cause).collect()
}

fn point(run: &Run, number: usize, case: &Case<'_>, out: &mut String) {
    let check = case.check;
    let title = format!(
        "{} - {}",
        text::line(&check.check, NAME),
        text::line(&check.title, SENTENCE)
    );
    match &case.standing {
        Standing::Good => line(true, number, &title, "", out),
        Standing::Skipped(reason) => line(true, number, &title, &format!("SKIP {reason}"), out),
        Standing::Flaky => {
            line(true, number, &title, "", out);
            yaml(&told(run, case, "flaky"), out);
        }
        Standing::Remarked => {
            let wrong = check.outcome == CheckOutcome::Fail;
            let todo = "TODO worth mending; it does not decide";
            line(!wrong, number, &title, if wrong { todo } else { "" }, out);
            yaml(&told(run, case, "remark"), out);
        }
        Standing::Failed => {
            line(false, number, &title, "", out);
            yaml(&told(run, case, "fail"), out);
        }
        Standing::Unknown(reason) => {
            line(false, number, &title, "", out);
            let mut facts = told(run, case, "error");
            facts.push(("reason", json!(reason)));
            yaml(&facts, out);
        }
    }
}

fn told(run: &Run, case: &Case<'_>, outcome: &str) -> Vec<(&'static str, Value)> {
    let findings = case.findings.iter().take(FINDINGS);
    vec![
        ("outcome", json!(outcome)),
        ("severity", json!(case.check.severity.word())),
        ("judged", json!(case.check.judged)),
        (
            "findings",
            findings.map(|finding| described(run, finding)).collect(),
        ),
    ]
}

fn described(run: &Run, finding: &Finding) -> Value {
    let first = finding.exchanges.first().map(ToString::to_string);
    let evidence = run
        .evidence
        .iter()
        .find(|evidence| Some(&evidence.id) == first.as_ref());
    json!({
        "title": text::line(&finding.title, SENTENCE),
        "subject": text::line(&finding.subject, NAME),
        "outcome": match finding.outcome {
            Verdict::Pass => "pass",
            Verdict::Flaky => "flaky",
            Verdict::Degraded => "degraded",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
        },
        "severity": finding.severity.word(),
        "expected": text::line(&finding.expected, VALUE),
        "actual": text::line(&finding.actual, VALUE),
        "advice": text::line(&finding.hint, SENTENCE),
        "cause": finding.explained_by.as_deref().map(|cause| text::line(cause, NAME)),
        "waived": waivers::of(run, finding).map(waivers::line),
        "count": finding.count,
        "evidence": evidence.map(|evidence| text::line(&evidence.line, VALUE)),
        "again": evidence.map(|evidence| text::line(&evidence.curl, COMMAND)),
        "more": finding.help.as_deref().map(|more| text::line(more, VALUE)),
    })
}

/// A test point. `\` and `#` in a description stand for themselves only behind a backslash.
fn line(ok: bool, number: usize, title: &str, directive: &str, out: &mut String) {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('#', "\\#");
    let not = if ok { "" } else { "not " };
    out.push_str(&format!("{not}ok {number} - {}", escaped(title)));
    if !directive.is_empty() {
        out.push_str(&format!(" # {}", escaped(directive)));
    }
    out.push('\n');
}

/// A YAML diagnostic block. Its values are JSON, which YAML 1.2 reads as it stands.
fn yaml(facts: &[(&str, Value)], out: &mut String) {
    out.push_str("  ---\n");
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_null()) {
        match value {
            Value::Array(rows) if !rows.is_empty() => {
                out.push_str(&format!("  {name}:\n"));
                rows.iter().for_each(|row| item(row, out));
            }
            value => out.push_str(&format!(
                "  {name}: {}",
                encode::compact(value).unwrap_or_default()
            )),
        }
    }
    out.push_str("  ...\n");
}

/// One row of a list: the members of an object on a line each.
fn item(row: &Value, out: &mut String) {
    let Value::Object(members) = row else {
        out.push_str(&format!("    - {}", encode::compact(row).unwrap_or_default()));
        return;
    };
    let shown = members
        .iter()
        .filter(|(_, value)| !value.is_null() && **value != json!(""));
    for (at, (name, value)) in shown.enumerate() {
        let dash = if at == 0 { "- " } else { "  " };
        out.push_str(&format!(
            "    {dash}{name}: {}",
            encode::compact(value).unwrap_or_default()
        ));
    }
}

#[cfg(test)]
#[path = "tap_tests.rs"]
mod tests;
