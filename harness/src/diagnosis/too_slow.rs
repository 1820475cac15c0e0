//! One operation does not answer within its deadline while others do: the work is too slow, or waits for somebody.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Phase, WireFault};
use crate::model::probe::Effect;

/// The cause.
pub struct TooSlow;

impl Cause for TooSlow {
    fn id(&self) -> &'static str {
        "too-slow"
    }

    fn about(&self) -> &'static str {
        "An operation does not answer within the deadline while others do: slow work, a provider without a time limit, a lock."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Deploy, Blame::Upstream],
            needs: "An operation that gives no answer within its deadline, while others are answered.",
            likely: &[
                "The provider is slow, and the service sets no time limit on the call",
                "A lock, an empty pool or a queue is waited for without limit",
                "A query without an index, over more rows than the test database has",
                "The model is loaded again for each call, or runs without its accelerator",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        case.view.answers().next()?;
        let late: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| is_late(exchange))
            .collect();
        let findings = case.about(&late);
        let failing = findings.iter().find(|finding| finding.fails())?;
        let first = late
            .iter()
            .find(|exchange| failing.exchanges.contains(&exchange.id))?;
        let operation = first.probe.operation();
        let bounds = &case.view.target.bounds;
        let paid = first.probe.effect == Effect::Paid;
        let deadline = if paid {
            bounds.paid_deadline_ms
        } else {
            bounds.deadline_ms
        };
        let mut next_steps = vec![format!(
            "Find this request in the service's log at {}{}, and see what it waits for",
            words::clock(first),
            words::request_id(first)
        )];
        if paid {
            next_steps.push("Ask the provider the same by hand and time it; give the call to it a time limit below the edge's, and answer 504".to_owned());
        }
        next_steps
            .push("If the work may take that long, say so: raise the deadline in the profile".to_owned());
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{operation} does not answer within {}, while others do",
                seconds(deadline)
            ),
            blame: Blame::Unknown,
            confidence: Confidence::Likely,
            evidence: words::seen(&late),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(findings.into_iter().chain(words::consequences(case, &late))),
        })
    }
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1_000) {
        format!("{} s", ms / 1_000)
    } else {
        format!("{ms} ms")
    }
}

/// The deadline passed while we waited for the answer.
fn is_late(exchange: &Exchange) -> bool {
    exchange
        .failure()
        .is_some_and(|error| error.fault == WireFault::TimedOut && error.phase > Phase::Tls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::whole_tests::{causes, first, judged, unexplained};

    fn seen(phase: Phase) -> Vec<Exchange> {
        let target = target();
        vec![
            answered(1, &asks::read("/health"), 200, &[], r#"{"status":"healthy"}"#),
            failed(
                2,
                &asks::proof(&target, &target.proofs[0]),
                phase,
                WireFault::TimedOut,
            ),
        ]
    }

    #[test]
    fn an_operation_that_does_not_answer_in_time_is_named() {
        let run = judged(&target(), &seen(Phase::Wait));
        assert_eq!(
            run.headline,
            "POST /summaries does not answer within 30 s, while others do"
        );
        assert_eq!(first(&run).cause, "too-slow");
        assert_eq!(unexplained(&run), Vec::<String>::new());
    }

    #[test]
    fn a_connection_that_is_not_accepted_is_not_slow_work() {
        assert!(!causes(&judged(&target(), &seen(Phase::Connect))).contains(&"too-slow"));
    }
}
