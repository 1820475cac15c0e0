//! Every call to an operation fails at once, whoever makes it: it fails before it looks at the caller, most often because
//! a key, a secret or an address was not set in this environment.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::asks;
use crate::check::text::clean;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::{crashes, words};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::probe::Body;
use crate::model::target::Call;

/// The cause.
pub struct ConfigMissing500;

/// What takes longer has waited for somebody, in microseconds.
const AT_ONCE: u64 = 1_000_000;

impl Cause for ConfigMissing500 {
    fn id(&self) -> &'static str {
        "config-missing-500"
    }

    fn about(&self) -> &'static str {
        "An operation fails at once for everybody, before it looks at credential or body: something is not configured."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "An operation that crashes at once for everybody, with and without a credential, while other operations answer.",
            likely: &[
                "A variable was added with this build and not set in this environment",
                "A secret was renamed, or is mounted under another path",
                "A setting is read per request instead of at start, so that the process starts without it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let elsewhere_fine = case.view.answers().any(|(exchange, reply)| {
            reply.status < 500 && !exchange.probe.is_preflight() && reply.status != 404
        });
        let calls = asks::protected(case.view.target);
        let call = calls
            .iter()
            .filter(|_| elsewhere_fine)
            .find(|call| fails_for_all(case, call))?;
        let crashed: Vec<&Exchange> = crashes::all(case)
            .into_iter()
            .filter(|exchange| crashes::is_to(exchange, call))
            .collect();
        let first = crashed.first()?;
        let named = crashed.iter().find_map(|exchange| names_a_setting(exchange));
        let whole = crashed
            .iter()
            .any(|exchange| !matches!(exchange.probe.body, Body::BrokenJson | Body::BrokenLarge { .. }));
        let mut evidence = words::seen(&crashed);
        evidence.extend(named.iter().map(|text| format!("the answer says: {text}")));
        evidence.push(
            "the same with and without a credential: it fails before it looks at the caller".to_owned(),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{call} fails for everybody (HTTP {}), before it looks at the caller: something is probably not configured",
                first.status()?
            ),
            blame: Blame::Deploy,
            confidence: match (named.is_some(), whole) {
                (true, _) => Confidence::Certain,
                (false, true) => Confidence::Likely,
                (false, false) => Confidence::Possible,
            },
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Compare the names of the environment variables of this deploy with those of one that works"
                    .to_owned(),
                format!(
                    "Read the service's log at {}{}",
                    words::clock(first),
                    words::request_id(first)
                ),
                "Make the service refuse to start without what it cannot work without".to_owned(),
            ],
            explains: explained(
                crashes::about(case, &crashed)
                    .into_iter()
                    .chain(words::consequences(case, &crashed)),
            ),
        })
    }
}

/// Whether a call fails without a credential, fast, and nothing that was sent to the operation ever fared better.
fn fails_for_all(case: &Case<'_>, call: &Call) -> bool {
    let mut nobody = false;
    for (exchange, _) in case.view.answers() {
        if !crashes::is_to(exchange, call) {
            continue;
        }
        if !crashes::is_crash(exchange) {
            return false;
        }
        let at_once = exchange.phases.wait.is_none_or(|wait| wait < AT_ONCE);
        nobody |= at_once && exchange.probe.who.is_none();
    }
    nobody
}

static SETTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r#"(?i)[\w .'`-]*\b(not (been )?(configured|set|provided)|is (missing|unset)|missing (environment|api.?key|secret|setting))\b[\w .'`-]*"#;
    Regex::new(pattern).ok()
});

/// The sentence that says what is not set, when the answer has one.
fn names_a_setting(exchange: &Exchange) -> Option<String> {
    let text = exchange.answer()?.body.text();
    let found = SETTING.as_ref()?.find(&text)?.as_str().trim().to_owned();
    Some(clean(&found, 100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{call, target};
    use crate::diagnosis::tests::{diagnose, good, health, inert, proof};
    use crate::model::probe::Mutation;

    fn named(seen: &[Exchange]) -> Option<Diagnosis> {
        diagnose(&ConfigMissing500, &target(), seen)
    }

    const TEXT: &str = r#"{"detail":"OPENAI_API_KEY not configured"}"#;

    #[test]
    fn a_call_that_fails_for_everybody_at_once_is_named() {
        let seen = [
            health(),
            inert(2, None, 500, TEXT),
            good(3, 500, TEXT),
            proof(4, 500, TEXT),
        ];
        let diagnosis = named(&seen).unwrap();
        assert_eq!(diagnosis.confidence, Confidence::Certain);
        assert!(
            diagnosis
                .evidence
                .iter()
                .any(|line| line.contains("OPENAI_API_KEY not configured"))
        );
        assert!(diagnosis.statement.starts_with(&call().to_string()));
        let silent = [
            health(),
            inert(2, None, 500, "{}"),
            good(3, 500, "{}"),
            proof(4, 500, "{}"),
        ];
        assert_eq!(named(&silent).unwrap().confidence, Confidence::Likely);
    }

    #[test]
    fn a_crash_behind_the_guard_is_another_cause() {
        let seen = [
            health(),
            inert(2, None, 401, "{}"),
            good(3, 500, TEXT),
            proof(4, 500, TEXT),
        ];
        assert_eq!(named(&seen), None);
    }

    #[test]
    fn where_good_calls_work_it_is_not_the_configuration() {
        let seen = [
            health(),
            inert(2, None, 500, "{}"),
            good(3, 500, "{}"),
            proof(4, 200, "{}"),
        ];
        assert_eq!(named(&seen), None);
    }

    #[test]
    fn a_slow_failure_waited_for_somebody() {
        let mut slow = inert(2, None, 500, "{}");
        slow.phases.wait = Some(5_000_000);
        assert_eq!(named(&[health(), slow, good(3, 500, "{}")]), None);
    }

    #[test]
    fn a_gateways_error_is_not_the_applications() {
        let seen = [
            health(),
            inert(2, None, 502, "{}"),
            inert(3, Some(Mutation::AsIs), 502, "{}"),
        ];
        assert_eq!(named(&seen), None);
    }
}
