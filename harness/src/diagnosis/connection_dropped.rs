//! The connection closes without one byte of an answer, on one operation only: the process crashed under it.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, WireFault};

/// The cause.
pub struct ConnectionDropped;

impl Cause for ConnectionDropped {
    fn id(&self) -> &'static str {
        "connection-dropped"
    }

    fn about(&self) -> &'static str {
        "The server closes the connection without an answer: a panic without a net, a killed worker. Browsers call it a network \
         or CORS error."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Deploy],
            needs: "A connection that closed or was reset after the request was sent, with no byte of an answer, while other requests were answered.",
            likely: &[
                "A panic without CatchPanic (poem, axum, actix-web): the task ends, and the connection with it",
                "The kernel or the platform kills the process for its memory",
                "A native library (codec, model runtime) crashes the process",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        case.view.answers().next()?;
        let dropped: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| is_dropped(exchange))
            .collect();
        let findings = case.about(&dropped);
        let failing = findings.iter().find(|finding| finding.fails())?;
        let first = dropped
            .iter()
            .find(|exchange| failing.exchanges.contains(&exchange.id))?;
        let operation = first.probe.operation();
        let mut evidence = words::seen(&dropped);
        evidence.push(format!(
            "{} other requests were answered",
            case.view.answers().count()
        ));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{operation} closes the connection without an answer; browsers report that as a network or CORS error"
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "Read the service's log at {}: a panic, an out-of-memory kill, a worker timeout",
                    words::clock(first)
                ),
                "Count the restarts of the process or container around that time".to_owned(),
                "Then catch panics inside the CORS layer, so that the next one is an answer that pages can read".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &dropped))),
        })
    }
}

/// Closed or reset after the request had been sent, with no byte of an answer.
fn is_dropped(exchange: &Exchange) -> bool {
    exchange.failure().is_some_and(|error| {
        matches!(error.fault, WireFault::ClosedWithoutAnswer | WireFault::Reset)
            && error.phase > crate::model::exchange::Phase::Tls
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::whole_tests::{causes, first, judged, unexplained};
    use crate::model::exchange::Phase;

    fn seen(phase: Phase, fault: WireFault) -> Vec<Exchange> {
        let target = target();
        vec![
            answered(1, &asks::read("/health"), 200, &[], r#"{"status":"healthy"}"#),
            failed(2, &asks::proof(&target, &target.proofs[0]), phase, fault),
        ]
    }

    #[test]
    fn a_connection_that_ends_under_one_operation_is_named() {
        for fault in [WireFault::ClosedWithoutAnswer, WireFault::Reset] {
            let run = judged(&target(), &seen(Phase::Wait, fault));
            assert_eq!(first(&run).cause, "connection-dropped");
            assert_eq!(unexplained(&run), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_slow_or_never_connected_is_not_called_dropped() {
        for (phase, fault) in [
            (Phase::Wait, WireFault::TimedOut),
            (Phase::Connect, WireFault::Reset),
            (Phase::Send, WireFault::ReusedClosed),
        ] {
            let run = judged(&target(), &seen(phase, fault));
            assert!(
                !causes(&run).contains(&"connection-dropped"),
                "{phase:?} {fault:?}"
            );
        }
    }
}
