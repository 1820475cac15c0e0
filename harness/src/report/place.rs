//! Where a finding belongs in a repository, and what names it over the years. A running service has no lines; the nearest thing
//! that a repository holds is what it promised: the contract, at the operation that the finding is about, else the profile.

use aws_lc_rs::digest::{SHA256, digest};

use crate::model::finding::Finding;
use crate::model::recording::Recording;
use crate::report::text::{self, NAME};

/// Where the profile is looked for, and what stands for a run without a contract of its own.
const PROFILE: &str = "greenlight.toml";
/// How long a path may be.
const LONGEST: usize = 200;

/// A file of the repository, and a line of it, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The line.
    pub line: usize,
}

/// The place of what is said about a subject such as `POST /notes`.
pub fn of(subject: &str, recording: &Recording) -> Place {
    let contract = recording.contract.as_ref();
    let within = contract.and_then(|contract| Some((relative(&contract.source)?, &contract.text)));
    let Some((path, document)) = within else {
        return Place {
            path: PROFILE.to_owned(),
            line: 1,
        };
    };
    let operation = subject
        .split_whitespace()
        .find(|word| word.starts_with('/') && word.len() > 1);
    let line = operation.and_then(|operation| line_of(document, operation));
    Place {
        path,
        line: line.unwrap_or(1),
    }
}

/// The first line on which a path is the key of a JSON or YAML mapping.
fn line_of(document: &str, path: &str) -> Option<usize> {
    let spelt = [format!("\"{path}\":"), format!("'{path}':"), format!("{path}:")];
    let is_key = |line: &str| spelt.iter().any(|key| line.trim_start().starts_with(key));
    document.lines().position(is_key).map(|at| at + 1)
}

/// A path within the repository: what is served, built in, or elsewhere on the machine has none.
fn relative(source: &str) -> Option<String> {
    let path = source.strip_prefix("./").unwrap_or(source);
    let plain = path.chars().all(|c| text::is_plain(c) && c != '\\');
    let inside = !path.is_empty() && path.len() <= LONGEST && !path.starts_with('/') && !path.contains(':');
    let climbs = path.split('/').any(|part| part == "..");
    (plain && inside && !climbs).then(|| path.to_owned())
}

/// What names a finding from run to run: its check and its subject, and which of several it is.
pub fn fingerprint(finding: &Finding, others: &[Finding]) -> String {
    let same = |one: &&Finding| one.check == finding.check && one.subject == finding.subject;
    let nth = others
        .iter()
        .take_while(|one| !std::ptr::eq(*one, finding))
        .filter(same)
        .count();
    name(&[&finding.check, &finding.subject, &nth.to_string()])
}

/// What names these words.
pub fn name(words: &[&str]) -> String {
    let sum = digest(&SHA256, words.join("\n").as_bytes());
    sum.as_ref()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The subject, made fit to show.
pub fn subject(finding: &Finding) -> String {
    text::line(&finding.subject, NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recording::ContractText;
    use crate::report::fixtures;

    fn at(source: &str, text: &str, subject: &str) -> (String, usize) {
        let mut recording = fixtures::traffic::recording();
        recording.contract = Some(ContractText {
            source: source.into(),
            text: text.into(),
        });
        let place = of(subject, &recording);
        (place.path, place.line)
    }

    #[test]
    fn an_operation_is_found_in_the_contract() {
        let json = "{\n \"paths\": {\n  \"/notes\": {}\n }\n}";
        assert_eq!(
            at("./api/openapi.json", json, "POST /notes"),
            ("api/openapi.json".into(), 3)
        );
        let yaml = "paths:\n  /me:\n  '/notes':\n";
        assert_eq!(
            at("openapi.yaml", yaml, "POST /notes 500"),
            ("openapi.yaml".into(), 3)
        );
        assert_eq!(
            at("openapi.yaml", yaml, "https://app.example"),
            ("openapi.yaml".into(), 1)
        );
    }

    #[test]
    fn what_is_in_no_repository_is_not_named() {
        for source in [
            "https://api.example/openapi.json",
            "/home/ana/openapi.json",
            "../openapi.json",
            "",
            "a\u{202e}b",
        ] {
            assert_eq!(
                at(source, "", "GET /me"),
                ("greenlight.toml".into(), 1),
                "{source}"
            );
        }
    }

    #[test]
    fn equal_findings_are_told_apart_and_a_later_run_calls_them_the_same() {
        let finding = fixtures::finding("cors/vary", "GET /me", "first", ["", ""]);
        let again = Finding {
            title: "said otherwise".into(),
            ..finding.clone()
        };
        let both = [finding.clone(), again];
        let names = [fingerprint(&both[0], &both), fingerprint(&both[1], &both)];
        assert_ne!(names[0], names[1]);
        let later = [Finding {
            actual: "else".into(),
            ..finding
        }];
        assert_eq!(fingerprint(&later[0], &later), names[0]);
        assert_eq!(names[0].len(), 32);
    }
}
