//! Why: what was seen, what speaks for the cause, which other causes there are, what was ruled out and what is not proven.

use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;
use crate::model::run::{CheckOutcome, Evidence, ProofResult, Run};
use crate::report::human::page::{Page, Paint};
use crate::report::human::rows;
use crate::report::text::{self, SENTENCE, VALUE};

/// Lines of one block before the rest is counted only.
const MOST: usize = 4;
/// Exchanges shown as what was seen.
const SEEN: usize = 2;

/// Writes the blocks.
pub fn write(page: &mut Page, run: &Run) {
    let primary = run.diagnoses.first();
    seen(page, run, primary);
    if let Some(diagnosis) = primary {
        why(page, run, diagnosis);
    }
    for (at, other) in run.diagnoses.iter().skip(1).enumerate() {
        let label = if at == 0 { "also" } else { "" };
        page.entry(label, (&text::line(&other.statement, SENTENCE), Paint::Plain));
    }
    if let Some(diagnosis) = primary.filter(|diagnosis| !diagnosis.ruled_out.is_empty()) {
        let ruled_out: Vec<String> = diagnosis
            .ruled_out
            .iter()
            .map(|text| text::line(text, VALUE))
            .collect();
        page.entry("ruled out", (&ruled_out.join(" · "), Paint::Plain));
    }
    not_proven(page, run);
}

/// The exchanges to look at first: those of the findings that the cause explains, else of the worst ones.
pub fn shown<'r>(run: &'r Run, primary: Option<&Diagnosis>) -> Vec<&'r Evidence> {
    let explained = |finding: &&Finding| {
        primary.is_some_and(|diagnosis| finding.explained_by.as_ref() == Some(&diagnosis.cause))
    };
    let mut findings: Vec<&Finding> = run.findings.iter().filter(explained).collect();
    if findings.is_empty() {
        findings = run.findings.iter().collect();
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(rows::weight(finding)));
    let mut shown: Vec<&Evidence> = Vec::new();
    for id in findings
        .iter()
        .flat_map(|finding| finding.exchanges.iter().take(3))
    {
        let found = run.evidence.iter().find(|evidence| evidence.id == id.to_string());
        if let Some(evidence) = found
            && !shown.iter().any(|one| one.line == evidence.line)
        {
            shown.push(evidence);
        }
    }
    shown
}

/// Whether a diagnosis' evidence is an exchange in one line rather than a remark.
fn is_exchange(line: &str) -> bool {
    line.contains(" -> ")
}

fn seen(page: &mut Page, run: &Run, primary: Option<&Diagnosis>) {
    let shown = shown(run, primary);
    let told = primary.map(|diagnosis| &diagnosis.evidence).into_iter().flatten();
    let mut lines: Vec<&str> = told
        .map(String::as_str)
        .filter(|line| is_exchange(line))
        .collect();
    if lines.is_empty() {
        lines = shown
            .iter()
            .take(SEEN)
            .map(|evidence| evidence.line.as_str())
            .collect();
    }
    let cut: Vec<String> = lines
        .iter()
        .take(MOST)
        .map(|line| text::line(line, VALUE))
        .collect();
    page.entries("seen", cut.iter().map(|line| (line.as_str(), Paint::Plain)));
    let excerpt = shown.first().and_then(|evidence| evidence.excerpt.as_deref());
    if let (Some(excerpt), false) = (excerpt, cut.is_empty()) {
        let excerpt = format!("“{}”", text::line(excerpt, page.width().saturating_sub(16)));
        page.entry("", (&excerpt, Paint::Faint));
    }
}

/// What speaks for the cause, and whose hands it is in.
fn why(page: &mut Page, run: &Run, diagnosis: &Diagnosis) {
    let mut lines = Vec::new();
    if diagnosis.statement != run.headline {
        lines.push(text::line(&diagnosis.statement, SENTENCE));
    }
    let remarks: Vec<&String> = diagnosis
        .evidence
        .iter()
        .filter(|line| !is_exchange(line))
        .collect();
    lines.extend(remarks.iter().take(MOST).map(|line| text::line(line, VALUE)));
    if remarks.len() > MOST {
        lines.push(format!("and {} more signs of it", remarks.len() - MOST));
    }
    lines.push(blame(diagnosis));
    page.entries("why", lines.iter().map(|line| (line.as_str(), Paint::Plain)));
}

/// Whose hands it is in, and how sure that is.
fn blame(diagnosis: &Diagnosis) -> String {
    let sure = match diagnosis.confidence {
        Confidence::Certain => "this was seen itself",
        Confidence::Likely => "this fits everything that was seen",
        Confidence::Possible => "other causes would fit as well",
    };
    match diagnosis.blame {
        Blame::Unknown => format!("whose fault it is cannot be told from here; {sure}"),
        blame => format!("the fault is with {}; {sure}", blame.word()),
    }
}

/// The proofs that are missing, and are not missing because a finding says so already.
pub fn open(run: &Run) -> impl Iterator<Item = &ProofResult> {
    let failed = |proof: &ProofResult| {
        run.checks
            .iter()
            .any(|check| check.check == proof.id && check.outcome == CheckOutcome::Fail)
    };
    run.proofs
        .iter()
        .filter(move |proof| !proof.proven && !failed(proof))
}

fn not_proven(page: &mut Page, run: &Run) {
    let mut label = "not proven";
    for proof in open(run) {
        let reason = text::line(proof.reason.as_deref().unwrap_or("it was not observed"), VALUE);
        let title = text::line(&proof.title, SENTENCE);
        page.entry(label, (&format!("{title}: {reason}"), Paint::Doubt));
        label = "";
        if proof.accepted {
            page.entry("", ("accepted without proof", Paint::Plain));
        } else if let Some(flag) = &proof.flag {
            let flag = format!("{} would prove it", text::line(flag, VALUE));
            page.entry("", (&flag, Paint::Plain));
        }
    }
}
