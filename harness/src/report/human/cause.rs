//! Why: what was seen, what speaks for the cause, which other causes there are, what was ruled out and what is not proven.

use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::run::{CheckOutcome, Evidence, ProofResult, Run};
use crate::report::human::page::{LABEL, Page, Paint, column};
use crate::report::human::rows;
use crate::report::text::{self, SENTENCE, VALUE};

/// Lines of one block before the rest is counted only.
const MOST: usize = 4;
/// Lines of the service's log, the last ones.
const LOG: usize = 6;
/// Exchanges shown as what was seen.
const SEEN: usize = 2;

/// Writes the blocks.
pub fn write(page: &mut Page, run: &Run) {
    let primary = primary(run);
    if run.verdict != Verdict::Pass {
        seen(page, run, primary);
    }
    if let Some(diagnosis) = primary {
        why(page, run, diagnosis);
        also(page, run, diagnosis);
    }
    if let Some(diagnosis) = primary.filter(|diagnosis| !diagnosis.ruled_out.is_empty()) {
        let ruled_out: Vec<String> = diagnosis
            .ruled_out
            .iter()
            .map(|text| text::line(text, VALUE))
            .collect();
        page.facts(&[(&column("ruled out"), Paint::Faint)], &ruled_out);
    }
    not_proven(page, run);
}

/// Whether a cause explains something that decides the verdict. One that explains remarks alone has nobody at fault.
pub fn decides(run: &Run, diagnosis: &Diagnosis) -> bool {
    let decisive = |finding: &&Finding| match run.verdict {
        Verdict::Pass => false,
        // Under --strict what is minor decides.
        Verdict::Degraded => finding.severity > Severity::Advisory,
        _ => rows::decides(finding),
    };
    let mut decisive = run.findings.iter().filter(decisive);
    // What explains no finding says why something was not seen, which is no reason for a failure.
    let unseen = diagnosis.explains.is_empty() && !matches!(run.verdict, Verdict::Pass | Verdict::Fail);
    unseen || decisive.any(|finding| diagnosis.covers(finding))
}

/// The first cause that decides.
pub fn primary(run: &Run) -> Option<&Diagnosis> {
    run.diagnoses.iter().find(|diagnosis| decides(run, diagnosis))
}

/// The exchanges to look at first: those of the findings that the cause explains, else of the worst ones.
pub fn shown<'r>(run: &'r Run, primary: Option<&Diagnosis>) -> Vec<&'r Evidence> {
    let explained = |finding: &&Finding| {
        primary.is_some_and(|diagnosis| finding.explained_by.as_ref() == Some(&diagnosis.cause))
    };
    let mut findings: Vec<&Finding> = run.findings.iter().filter(explained).collect();
    if findings.is_empty() {
        findings = run
            .findings
            .iter()
            .filter(|finding| rows::decides(finding))
            .collect();
    }
    if findings.is_empty() && run.verdict != Verdict::Inconclusive {
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
    let first = shown
        .iter()
        .find(|evidence| lines.first() == Some(&evidence.line.as_str()));
    if let Some(excerpt) = first.and_then(|evidence| evidence.excerpt.as_deref()) {
        let excerpt = format!(
            "“{}”",
            text::line(excerpt, page.width().saturating_sub(LABEL + 3))
        );
        page.entry("", (&excerpt, Paint::Faint));
    }
    let log = shown
        .iter()
        .map(|evidence| &evidence.log)
        .find(|log| !log.is_empty());
    let last = log
        .map(|log| &log[log.len().saturating_sub(LOG)..])
        .unwrap_or_default();
    let cut: Vec<String> = last.iter().map(|line| text::line(line, VALUE)).collect();
    page.entries("its log", cut.iter().map(|line| (line.as_str(), Paint::Faint)));
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
    page.entries("why", lines.iter().map(|line| (line.as_str(), Paint::Plain)));
    page.entry("at fault", (&fault(diagnosis), Paint::Plain));
    if page.verbose() {
        let likely: Vec<String> = diagnosis
            .likely_causes
            .iter()
            .map(|one| text::line(one, SENTENCE))
            .collect();
        page.entries("usually", likely.iter().map(|line| (line.as_str(), Paint::Plain)));
    }
    more(page, diagnosis);
}

/// Where more is told of a cause, whole, so that it can be followed or pasted.
pub fn more(page: &mut Page, diagnosis: &Diagnosis) {
    if let Some(help) = &diagnosis.help {
        let label = column("more");
        page.whole(
            &[(&label, Paint::Faint)],
            (&text::line(help, VALUE), Paint::Plain),
        );
    }
}

/// Whose hands it is in, and how sure that is.
pub fn fault(diagnosis: &Diagnosis) -> String {
    let sure = match (diagnosis.blame, diagnosis.confidence) {
        (Blame::Unknown, _) => return "unknown".to_owned(),
        (_, Confidence::Certain) => "for certain",
        (_, Confidence::Likely) => "most likely",
        (_, Confidence::Possible) => "possibly",
    };
    format!("{}, {sure}", diagnosis.blame.word())
}

/// The other causes, a line each, with whose hands they are in when those are others.
fn also(page: &mut Page, run: &Run, primary: &Diagnosis) {
    let others = || {
        let other = |other: &&Diagnosis| other.cause != primary.cause && decides(run, other);
        run.diagnoses.iter().filter(other)
    };
    let said: Vec<String> = others()
        .map(|other| {
            let statement = text::line(&other.statement, SENTENCE);
            if other.blame == primary.blame {
                statement
            } else {
                format!("{statement} (at fault: {})", fault(other))
            }
        })
        .collect();
    page.entries("also", said.iter().map(|line| (line.as_str(), Paint::Plain)));
    if page.verbose() {
        others().for_each(|other| more(page, other));
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

/// The missing proofs, those with one reason together.
fn not_proven(page: &mut Page, run: &Run) {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for proof in open(run) {
        let (reason, title) = (missing(proof), text::line(&proof.title, SENTENCE));
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, titles)) => titles.push(title),
            None => reasons.push((reason, vec![title])),
        }
    }
    let mut label = column("not proven");
    for (reason, titles) in &reasons {
        for title in titles {
            page.hang(
                &[(&label, Paint::Faint), ("? ", Paint::Doubt)],
                (title, Paint::Plain),
            );
            label = column("");
        }
        page.hang(&[(&format!("{label}  "), Paint::Plain)], (reason, Paint::Plain));
    }
}

/// Why a proof is missing, and what would give it.
fn missing(proof: &ProofResult) -> String {
    let reason = text::line(proof.reason.as_deref().unwrap_or("it was not observed"), VALUE);
    match &proof.flag {
        _ if proof.accepted => format!("{reason}; accepted without proof"),
        Some(flag) => format!("{reason}; {} would prove it", text::line(flag, VALUE)),
        None => reason,
    }
}
