//! The code-quality report of GitLab: what a merge request shows beside the changes. An entry a finding, a missing proof and
//! a waiver that no finding tells of, each with the fingerprint by which GitLab tells what is new.

use serde::Serialize;

use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::recording::Recording;
use crate::model::run::{ProofResult, Run};
use crate::model::waiver::{Waived, Waiver};
use crate::report::encode;
use crate::report::format::Finished;
use crate::report::place;
use crate::report::standing::given;
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Entries before the rest is left to other formats.
const MOST: usize = 1_000;

#[derive(Debug, Serialize)]
struct Entry {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: usize,
}

/// The report of a run.
pub fn render(Finished { run, recording, .. }: Finished<'_>) -> String {
    let wrong = run
        .findings
        .iter()
        .filter(|finding| finding.outcome != Verdict::Pass);
    let found = wrong.map(|finding| of_finding(run, recording, finding));
    let open = run.proofs.iter().filter(|proof| !proof.proven && !proof.accepted);
    // A finding of the same check says it already.
    let unsaid = open.filter(|proof| !run.findings.iter().any(|finding| finding.check == proof.id));
    let missing = unsaid.map(|proof| of_proof(recording, proof));
    let idle = run.waivers.iter().filter(|waived| waived.findings == 0);
    let idle = idle.map(|waived| of_waiver(recording, waived));
    let entries: Vec<Entry> = found.chain(missing).chain(idle).take(MOST).collect();
    encode::pretty(&entries).unwrap_or_default()
}

fn of_finding(run: &Run, recording: &Recording, finding: &Finding) -> Entry {
    let cause = finding.explained_by.as_deref();
    let cause = cause.map(|cause| format!(" (cause: {})", text::line(cause, NAME)));
    let waived = waivers::of(run, finding).map(|waived| format!(" (waived: {})", waivers::line(waived)));
    let more = finding.help.as_deref();
    let more = more.map(|more| format!(" (more: {})", text::line(more, VALUE)));
    let asides: String = [cause, waived, more].into_iter().flatten().collect();
    Entry {
        description: text::line(&finding.title, SENTENCE) + &asides,
        check_name: text::line(&finding.check, NAME),
        fingerprint: place::fingerprint(finding, &run.findings),
        severity: severity(finding),
        location: location(&finding.subject, recording),
    }
}

fn of_proof(recording: &Recording, proof: &ProofResult) -> Entry {
    let reason = given(proof.reason.as_deref(), proof.flag.as_deref());
    Entry {
        description: format!("Not proven: {}: {reason}", text::line(&proof.title, SENTENCE)),
        check_name: text::line(&proof.id, NAME),
        fingerprint: place::name(&[&proof.id, "not proven"]),
        severity: "major",
        location: location("", recording),
    }
}

/// A waiver that no finding tells of.
fn of_waiver(recording: &Recording, waived: &Waived) -> Entry {
    let Waiver { check, subject, .. } = &waived.waiver;
    Entry {
        description: format!("Waived: {}", waivers::line(waived)),
        check_name: text::line(check, NAME),
        fingerprint: place::name(&[check.as_str(), subject.as_str(), "waived"]),
        severity: "info",
        location: location(subject, recording),
    }
}

fn location(subject: &str, recording: &Recording) -> Location {
    let place = place::of(subject, recording);
    Location {
        path: place.path,
        lines: Lines { begin: place.line },
    }
}

/// GitLab's words. What did not fail for good is no more than minor.
fn severity(finding: &Finding) -> &'static str {
    match (finding.outcome, finding.severity) {
        (_, Severity::Advisory) => "info",
        (Verdict::Fail, Severity::Blocker) => "blocker",
        (Verdict::Fail, Severity::Major) => "major",
        (Verdict::Inconclusive, Severity::Blocker | Severity::Major) => "major",
        _ => "minor",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::report::fixtures::{self, traffic};

    fn read(run: &Run) -> Vec<Value> {
        let recording = traffic::recording();
        serde_json::from_str(&render(Finished::new(run, &recording))).unwrap()
    }

    #[test]
    fn every_entry_has_what_gitlab_needs_and_a_fingerprint_of_its_own() {
        for (name, run) in fixtures::all() {
            let entries = read(&run);
            let mut fingerprints = BTreeSet::new();
            for entry in &entries {
                assert!(
                    ["info", "minor", "major", "critical", "blocker"]
                        .contains(&entry["severity"].as_str().unwrap())
                );
                assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
                assert!(
                    !entry["location"]["path"]
                        .as_str()
                        .unwrap()
                        .starts_with(['/', '.'])
                );
                for member in ["description", "check_name"] {
                    assert!(!entry[member].as_str().unwrap().is_empty(), "{name}: {entry}");
                }
                assert!(
                    fingerprints.insert(entry["fingerprint"].as_str().unwrap().to_owned()),
                    "{name}: {entry}"
                );
            }
            assert_eq!(entries.is_empty(), run.verdict == Verdict::Pass, "{name}");
        }
    }

    #[test]
    fn the_entries_of_a_failing_run() {
        let recording = traffic::recording();
        insta::assert_snapshot!(render(Finished::new(
            &fixtures::broken::missing_await(),
            &recording
        )));
    }
}
