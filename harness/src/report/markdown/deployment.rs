//! A note for the log of deployments: what was deployed, what was proven of it, and what was **not** verified, which is what a green
//! tick leaves out.

use crate::model::diagnosis::Diagnosis;
use crate::model::finding::Finding;
use crate::model::recording::Recording;
use crate::model::run::{CheckOutcome, CheckResult, Run};
use crate::report::format::Finished;
use crate::report::human::{cause, rows};
use crate::report::markdown::report;
use crate::report::markdown::words::{aside, code, list, prose};
use crate::report::standing::given;
use crate::report::text::{NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Names of checks listed after a reason.
const NAMES: usize = 6;

/// The note.
pub fn render(finished: Finished<'_>) -> String {
    let Finished { run, recording, .. } = finished;
    let mut note = format!(
        "# Deployment note: {}\n\n{}\n",
        verdict(run),
        prose(&run.headline, SENTENCE)
    );
    deployed(run, recording, &mut note);
    proven(run, &mut note);
    wrong(finished, &mut note);
    not_verified(run, recording, &mut note);
    note
}

fn verdict(run: &Run) -> String {
    let name = run
        .target
        .name
        .as_ref()
        .map_or_else(|| code(&run.target.base, VALUE), |name| prose(name, NAME));
    format!("{name}, {}", run.verdict.word())
}

fn deployed(run: &Run, recording: &Recording, note: &mut String) {
    note.push_str("\n## What was deployed\n\n");
    note.push_str(&report::facts(run));
    let mut more = Vec::new();
    if let Some(expected) = &recording.target.expect_version {
        more.push(format!("The build that had to answer: {}", code(expected, NAME)));
    }
    if let Some(contract) = &recording.contract {
        more.push(format!(
            "Held against the contract {}",
            code(&contract.source, VALUE)
        ));
    }
    let mut addresses: Vec<String> = recording
        .connections
        .iter()
        .map(|one| code(&one.address, NAME))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    if !addresses.is_empty() {
        more.push(format!("Answered at {}", addresses.join(", ")));
    }
    let pages: Vec<String> = run
        .target
        .origins
        .iter()
        .map(|origin| code(origin, NAME))
        .collect();
    if !pages.is_empty() {
        more.push(format!("On behalf of the pages at {}", pages.join(", ")));
    }
    if !more.is_empty() {
        note.push_str(&format!("\n{}", list(more)));
    }
}

fn proven(run: &Run, note: &mut String) {
    note.push_str("\n## What was proven\n\n");
    let proven = run
        .proofs
        .iter()
        .filter(|proof| proof.proven)
        .map(|proof| prose(&proof.title, SENTENCE));
    let proven: Vec<String> = proven.collect();
    if proven.is_empty() {
        note.push_str("- None of the proofs that this run needs\n");
    }
    note.push_str(&list(proven));
    let passed: Vec<&CheckResult> = run
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Pass && check.judged > 0)
        .collect();
    let mut layers: Vec<_> = passed.iter().map(|check| check.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    for layer in layers {
        let titles = passed
            .iter()
            .filter(|check| check.layer == layer)
            .map(|check| prose(&check.title, SENTENCE));
        note.push_str(&format!(
            "- {}: {}\n",
            layer.title(),
            titles.collect::<Vec<_>>().join(" · ")
        ));
    }
}

fn wrong(Finished { run, pages, .. }: Finished<'_>, note: &mut String) {
    let mut decisive: Vec<_> = run
        .findings
        .iter()
        .filter(|finding| rows::decides(finding))
        .collect();
    if decisive.is_empty() {
        return;
    }
    decisive.sort_by_key(|finding| std::cmp::Reverse(rows::weight(finding)));
    note.push_str("\n## What is wrong or doubtful\n\n");
    let row = |finding: &&Finding| {
        let more = aside(pages.check(&finding.check), finding.help.as_deref());
        prose(&finding.title, SENTENCE) + &more
    };
    note.push_str(&list(decisive.iter().map(row)));
    let causes = run.diagnoses.iter().filter(|one| cause::decides(run, one));
    let row = |one: &Diagnosis| {
        let more = aside(pages.cause(&one.cause), one.help.as_deref());
        format!("The cause: {}{more}", prose(&one.statement, SENTENCE))
    };
    note.push_str(&list(causes.map(row)));
}

fn not_verified(run: &Run, recording: &Recording, note: &mut String) {
    note.push_str("\n## What was NOT verified\n\n");
    let mut rows: Vec<String> = Vec::new();
    if run.interrupted {
        rows.push("Whatever comes after the moment at which the run was stopped".to_owned());
    }
    for proof in run.proofs.iter().filter(|proof| !proof.proven) {
        let accepted = if proof.accepted {
            " (accepted without proof)"
        } else {
            ""
        };
        let failed = run
            .checks
            .iter()
            .any(|check| check.check == proof.id && check.outcome == CheckOutcome::Fail);
        let reason = match failed {
            true => "it was seen failing".to_owned(),
            false => given(proof.reason.as_deref(), proof.flag.as_deref()),
        };
        rows.push(format!(
            "**{}**: {}{accepted}",
            prose(&proof.title, SENTENCE),
            prose(&reason, SENTENCE)
        ));
    }
    let waived = waivers::lines(run).into_iter();
    rows.extend(waived.map(|line| format!("Waived: {}", prose(&line, waivers::WORDS))));
    rows.extend(reasons(run));
    rows.extend(refused(recording));
    rows.extend(
        run.target
            .assumed
            .iter()
            .map(|text| format!("Assumed, since nobody said it: {}", prose(text, VALUE))),
    );
    if rows.is_empty() {
        rows.push("Of what this run was asked to verify, nothing was left out".to_owned());
    }
    rows.push(
        "What no check of Greenlight asks, such as how it behaves under the load of real users".to_owned(),
    );
    note.push_str(&list(rows));
}

/// Checks that were not asked, or in part only, by reason.
fn reasons(run: &Run) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    let proof = |check: &CheckResult| {
        run.proofs
            .iter()
            .any(|proof| proof.id == check.check && !proof.proven)
    };
    for check in run
        .checks
        .iter()
        .filter(|check| check.reason.is_some() && !proof(check))
    {
        let reason = prose(&given(check.reason.as_deref(), check.flag.as_deref()), SENTENCE);
        let title = prose(&check.title, SENTENCE);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, titles)) => titles.push(title),
            None => reasons.push((reason, vec![title])),
        }
    }
    let row = |(reason, titles): &(String, Vec<String>)| {
        let mut shown = titles.iter().take(NAMES).cloned().collect::<Vec<_>>().join(" · ");
        if titles.len() > NAMES {
            shown.push_str(&format!(" · {} more", titles.len() - NAMES));
        }
        format!("{shown} ({reason})")
    };
    reasons.iter().map(row).collect()
}

/// Requests that were wanted and not sent, by reason.
fn refused(recording: &Recording) -> Vec<String> {
    let mut reasons: Vec<(String, u32)> = Vec::new();
    for refusal in &recording.refused {
        let flag = refusal.flag.as_deref();
        let reason = prose(&given(Some(&refusal.reason), flag), SENTENCE);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, n)) => *n += 1,
            None => reasons.push((reason, 1)),
        }
    }
    let row = |(reason, n): &(String, u32)| {
        let requests = crate::report::text::count(*n, "request was", "requests were");
        format!("{requests} not sent ({reason})")
    };
    reasons.iter().map(row).collect()
}
