//! A secret stands in an answer. Whatever else is wrong, it must be changed: it has been shown.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Place;

/// The cause.
pub struct SecretLeaked;

impl Cause for SecretLeaked {
    fn id(&self) -> &'static str {
        "secret-leaked"
    }

    fn about(&self) -> &'static str {
        "An answer gives a key, a token or a password away to whoever asks."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "A key, token, password or connection string in an answer, recognised at capture and removed.",
            likely: &[
                "The exception's text, with the provider's key or the database's URL, is sent to the caller",
                "A health or info route prints the settings",
                "A user or client object is serialised whole, with its hash or key",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut leaks = case.of("errors/no-secret");
        leaks.retain(|finding| finding.fails());
        let first = leaks.first()?;
        let shown = doors::shown(case, &leaks);
        let operations = doors::operations(case, &leaks);
        let mut evidence = words::seen(&shown);
        for removed in shown.iter().flat_map(|exchange| &exchange.redacted) {
            if matches!(removed.place, Place::ReplyBody | Place::ReplyHeader(_)) {
                let line = format!(
                    "{}, {} bytes long, removed at capture",
                    removed.kind.name(),
                    removed.length
                );
                if !evidence.contains(&line) {
                    evidence.push(line);
                }
            }
        }
        evidence.truncate(6);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{} gives a secret away: {}", operations.join(", "), first.actual),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Change the secret: it has been shown to whoever asked, and to every log and cache on the way".to_owned(),
                "Then take it out of the answer; say whether it is set, never how it begins".to_owned(),
            ],
            explains: explained(leaks),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::target;
    use crate::diagnosis::tests::{good, inert, judged, proof, readable};
    use crate::model::exchange::{Place, Redacted, SecretKind};

    #[test]
    fn a_key_in_an_answer_is_named_and_never_shown() {
        let mut health = readable(
            5,
            &asks::read("/ai/health"),
            200,
            r#"{"key_prefix":"[api-key:12]"}"#,
        );
        health.redacted.push(Redacted {
            place: Place::ReplyBody,
            kind: SecretKind::ApiKey,
            length: 12,
        });
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            proof(3, 200, "{}"),
            health,
        ];
        let run = judged(&target(), &seen);
        assert_eq!(run.diagnoses[0].cause, "secret-leaked");
        assert_eq!(
            run.headline,
            "GET /ai/health gives a secret away: an API key in the body"
        );
    }

    #[test]
    fn a_crash_does_not_explain_a_leak_away() {
        let mut crash = proof(3, 500, "{}");
        crash.redacted.push(Redacted {
            place: Place::ReplyBody,
            kind: SecretKind::UrlPassword,
            length: 30,
        });
        let run = judged(&target(), &[inert(1, None, 401, "{}"), good(2, 400, "{}"), crash]);
        let leak = run
            .findings
            .iter()
            .find(|finding| finding.check == "errors/no-secret");
        assert_eq!(leak.unwrap().explained_by.as_deref(), Some("secret-leaked"));
        assert_eq!(run.diagnoses[0].cause, "server-error");
    }
}
