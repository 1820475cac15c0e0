//! Requests that were lost before a byte of an answer came, and that a second attempt got through: flaky, not good.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Verdict;

/// The cause.
pub struct FlakyConnection;

impl Cause for FlakyConnection {
    fn id(&self) -> &'static str {
        "flaky-connection"
    }

    fn about(&self) -> &'static str {
        "Some requests are lost before an answer begins, and the next attempt is answered; callers that do not try again fail."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "Requests without effect that were refused or cut before a byte of an answer, and answered on another attempt.",
            likely: &[
                "An instance was being replaced, and its successor answers the second attempt",
                "One of several instances or addresses does not accept connections",
                "The queue of connections to accept is full at times (backlog, file handles)",
                "A lossy network between the checker and the edge",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found = case.of("reach/every-request-answered");
        found.retain(|finding| finding.outcome == Verdict::Flaky);
        found.first()?;
        let lost: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.failure().is_some())
            .filter(|exchange| {
                found
                    .iter()
                    .any(|finding| finding.exchanges.contains(&exchange.id))
            })
            .collect();
        let first = lost.first()?;
        let all = case.view.exchanges.len();
        let mut evidence = words::seen(&lost);
        evidence.extend(found.first().map(|finding| finding.actual.clone()));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{} of {all} attempts were lost before an answer began, and the next one was answered",
                lost.len()
            ),
            blame: Blame::Unknown,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: vec!["the requests themselves: the same ones were answered".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "See what restarted, or was replaced, at {}; then run it again when it is over",
                    words::clock(first)
                ),
                "Ask each address and each instance by itself: one of several may refuse".to_owned(),
            ],
            explains: explained(found),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::tests::diagnose;
    use crate::diagnosis::whole_tests::{causes, judged};
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::probe::Probe;

    /// The health route, lost at the first attempt; a second attempt is answered, or is lost as well.
    fn seen(second: bool) -> Vec<Exchange> {
        let probe: Probe = asks::read("/health");
        let lost = |attempt| {
            let mut exchange = failed(1, &probe, Phase::Wait, WireFault::Reset);
            exchange.attempt = attempt;
            exchange
        };
        let again = if second {
            let mut exchange = answered(1, &probe, 200, &[], r#"{"status":"healthy"}"#);
            exchange.attempt = 2;
            exchange
        } else {
            lost(2)
        };
        let other = answered(2, &asks::read("/ready"), 200, &[], r#"{"status":"ready"}"#);
        vec![lost(1), again, other]
    }

    #[test]
    fn what_a_second_attempt_gets_through_is_flaky() {
        let run = judged(&target(), &seen(true));
        assert!(causes(&run).contains(&"flaky-connection"), "{:?}", causes(&run));
        let named = run
            .diagnoses
            .iter()
            .find(|one| one.cause == "flaky-connection")
            .unwrap();
        assert!(
            named.statement.starts_with("1 of 3 attempts"),
            "{}",
            named.statement
        );
    }

    #[test]
    fn what_no_attempt_gets_through_is_down() {
        assert!(diagnose(&FlakyConnection, &target(), &seen(true)).is_some());
        assert_eq!(diagnose(&FlakyConnection, &target(), &seen(false)), None);
        assert_eq!(judged(&target(), &seen(false)).verdict, Verdict::Fail);
    }
}
