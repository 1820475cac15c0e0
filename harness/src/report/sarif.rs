//! SARIF 2.1.0 (OASIS), for code scanning: a rule a check, a result a finding, at the place in the repository that is nearest to
//! it. Written with plain values rather than `serde-sarif`, whose build generates every type of the standard from its schema by
//! an unmaintained generator; a test holds every report against the published schema instead.
//!
//! GitHub takes 25,000 results and shows 5,000, wants a location of each, and follows one over the runs by its fingerprint.

use serde_json::{Value, json};

use crate::model::exit;
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::recording::Recording;
use crate::model::run::{CheckResult, Evidence, ProofResult, Run};
use crate::model::waiver::Waiver;
use crate::report::encode;
use crate::report::format::Finished;
use crate::report::place;
use crate::report::standing::given;
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Results before the rest is left to other formats.
const MOST: usize = 5_000;
/// The longest command that is quoted.
const COMMAND: usize = 4_000;
/// The longest paragraph of help.
const PARAGRAPH: usize = 4_000;
/// Where this source is published, when it is.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// The report of a run.
pub fn render(finished: Finished<'_>) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [whole(finished)],
    });
    encode::pretty(&log).unwrap_or_default()
}

fn whole(finished: Finished<'_>) -> Value {
    let run = finished.run;
    let rules: Vec<Value> = run.checks.iter().map(|check| rule(finished, check)).collect();
    let wrong = run
        .findings
        .iter()
        .filter(|finding| finding.outcome != Verdict::Pass);
    let results = wrong
        .take(MOST)
        .map(|finding| result(run, finished.recording, finding));
    let mut driver = json!({
        "name": "Greenlight",
        "semanticVersion": text::line(&run.tool.version, NAME),
        "rules": rules,
    });
    if !HOME.is_empty() {
        driver["informationUri"] = HOME.into();
    }
    let mut log = json!({
        "tool": {"driver": driver},
        "automationDetails": {"id": format!("greenlight/{}/", text::line(&run.target.environment, NAME))},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation(finished)],
        "results": results.collect::<Vec<_>>(),
        "properties": {
            "target": text::line(&run.target.base, VALUE),
            "verdict": run.verdict.word(),
            "headline": text::line(&run.headline, SENTENCE),
        },
    });
    let waived = waivers::lines(run);
    if !waived.is_empty() {
        log["properties"]["waived"] = json!(waived);
    }
    log
}

/// How the run went, with the causes and what was not proven as its notifications.
fn invocation(Finished { run, recording, .. }: Finished<'_>) -> Value {
    let open = run.proofs.iter().filter(|proof| !proof.proven && !proof.accepted);
    let causes = run.diagnoses.iter().map(|diagnosis| {
        let next = diagnosis.next_steps.iter().map(|step| format!("next: {}", text::line(step, COMMAND)));
        let statement = text::line(&diagnosis.statement, SENTENCE);
        let more = diagnosis.help.iter().map(|more| format!("more: {}", text::line(more, VALUE)));
        let lines: Vec<String> = std::iter::once(statement).chain(next).chain(more).collect();
        json!({"level": "error", "descriptor": {"id": text::line(&diagnosis.cause, NAME)}, "message": plain(&lines.join("\n"))})
    });
    let meaning = exit::TABLE.iter().find(|(code, _)| *code == run.exit_code);
    json!({
        "executionSuccessful": matches!(run.exit_code, exit::PASS | exit::FAIL | exit::DEGRADED),
        "exitCode": run.exit_code,
        "exitCodeDescription": meaning.map_or("", |(_, meaning)| meaning),
        "startTimeUtc": moment(run.started_at),
        "endTimeUtc": moment(recording.ended_at),
        "toolExecutionNotifications": causes.chain(open.map(unproven)).collect::<Vec<_>>(),
    })
}

/// A time as the schema takes it: in UTC, with milliseconds.
fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn unproven(proof: &ProofResult) -> Value {
    let reason = given(proof.reason.as_deref(), proof.flag.as_deref());
    let said = format!("Not proven: {}: {reason}", text::line(&proof.title, SENTENCE));
    json!({"level": "warning", "associatedRule": {"id": text::line(&proof.id, NAME)}, "message": plain(&said)})
}

fn rule(finished: Finished<'_>, check: &CheckResult) -> Value {
    let id = text::line(&check.check, NAME);
    let title = text::line(&check.title, SENTENCE);
    let about = finished.about(&check.check);
    let why = about.map_or(title.clone(), |about| text::line(about.explanation, PARAGRAPH));
    let hint = about.map_or(String::new(), |about| text::line(about.hint, PARAGRAPH));
    let help = [why.as_str(), hint.as_str()].join("\n\n");
    let mut rule = json!({
        "id": id,
        "name": camel(&id),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {"text": help.trim()},
        "defaultConfiguration": {"level": level(Verdict::Fail, check.severity)},
        "properties": {
            "tags": ["deployment", check.layer.title()],
            "problem.severity": problem(check.severity),
            "severity": check.severity.word(),
        },
    });
    if let Some(page) = finished.pages.check(&check.check) {
        rule["helpUri"] = page.into();
    }
    rule
}

/// `cors/readable` as the names of rules are written: `CorsReadable`.
fn camel(id: &str) -> String {
    id.split(|c: char| !c.is_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters.collect::<Vec<_>>())
        })
        .collect()
}

fn result(run: &Run, recording: &Recording, finding: &Finding) -> Value {
    let place = place::of(&finding.subject, recording);
    let rule = run.checks.iter().position(|check| check.check == finding.check);
    let mut result = json!({
        "ruleId": text::line(&finding.check, NAME),
        "level": level(finding.outcome, finding.severity),
        "message": plain(&told(run, finding)),
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": encoded(&place.path), "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": place.line},
            },
            "logicalLocations": [{"fullyQualifiedName": place::subject(finding), "kind": "resource"}],
        }],
        "partialFingerprints": {"greenlight/v1": place::fingerprint(finding, &run.findings)},
        "occurrenceCount": finding.count.max(1),
        "properties": {
            "subject": place::subject(finding),
            "severity": finding.severity.word(),
            "cause": finding.explained_by.as_deref().map(|cause| text::line(cause, NAME)),
            // Not in the message, whose escapes a shell would not undo.
            "again": evidence(run, finding).map(|evidence| text::line(&evidence.curl, COMMAND)),
            "more": finding.help.as_deref().map(|more| text::line(more, VALUE)),
        },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = rule.into();
    }
    if let Some(waived) = waivers::of(run, finding).filter(|_| finding.waived.is_some()) {
        let Waiver {
            reason, owner, until, ..
        } = &waived.waiver;
        let why = [reason, owner, until]
            .map(|text| text::line(text, VALUE))
            .join(" · ");
        result["suppressions"] = json!([{"kind": "external", "justification": why}]);
    }
    result
}

/// The first exchange that shows a finding.
fn evidence<'r>(run: &'r Run, finding: &Finding) -> Option<&'r Evidence> {
    let first = finding.exchanges.first()?.to_string();
    run.evidence.iter().find(|evidence| evidence.id == first)
}

/// What a reader sees of a finding: what is wrong, what should be, and what was seen.
fn told(run: &Run, finding: &Finding) -> String {
    let evidence = evidence(run, finding);
    let cause = run
        .diagnoses
        .iter()
        .find(|diagnosis| finding.explained_by.as_ref() == Some(&diagnosis.cause));
    let facts = [
        ("expected", text::line(&finding.expected, VALUE)),
        ("actual", text::line(&finding.actual, VALUE)),
        (
            "cause",
            cause
                .map(|cause| text::line(&cause.statement, SENTENCE))
                .unwrap_or_default(),
        ),
        (
            "seen",
            evidence
                .map(|evidence| text::line(&evidence.line, VALUE))
                .unwrap_or_default(),
        ),
        ("advice", text::line(&finding.hint, SENTENCE)),
    ];
    let lines = facts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}: {value}"));
    let title = text::line(&finding.title, SENTENCE);
    std::iter::once(title).chain(lines).collect::<Vec<_>>().join("\n")
}

/// A plain message. `[…](…)` in one is a link, and `{0}` takes an argument: neither is meant (§3.11.5, §3.11.6).
fn plain(text: &str) -> Value {
    let text = text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    json!({"text": text.replace('{', "{{").replace('}', "}}")})
}

/// A path as a relative URI reference (RFC 3986 §4.2).
fn encoded(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}

fn level(outcome: Verdict, severity: Severity) -> &'static str {
    match (outcome, severity) {
        (_, Severity::Advisory) => "note",
        (Verdict::Fail, Severity::Major | Severity::Blocker) => "error",
        _ => "warning",
    }
}

fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Advisory => "recommendation",
        Severity::Minor => "warning",
        Severity::Major | Severity::Blocker => "error",
    }
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;
