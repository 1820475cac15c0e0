//! A request that gets no answer at all is an outage for whoever sent it, and browsers call it a CORS or network error.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::check::wire::plain;
use crate::model::exchange::{Exchange, Phase, WireFault};
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::probe::Wire;

/// The rule.
pub struct EveryRequestAnswered;

static SPEC: Spec = Spec {
    id: "reach/every-request-answered",
    layer: Layer::Reach,
    title: "Every request gets an answer",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A handler that panics without a net, a worker that is killed, a proxy that gives up: the connection \
                  closes with no byte of an answer, or nothing comes within the deadline. The caller learns nothing, and \
                  a browser reports it as a network or CORS error. An answer on the second attempt is flaky, not good.",
    hint: "Look in the service's log for a crash, an out-of-memory kill or a worker timeout at that time.",
};

impl Rule for EveryRequestAnswered {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let Some(error) = exchange.failure() else {
            return Some(vec![]);
        };
        let not_its_fault = matches!(
            error.fault,
            WireFault::ReusedClosed | WireFault::Ours | WireFault::Stopped
        );
        // Whether anything answers without TLS, or to bytes written by hand, is the question of a check of its own, and
        // silence is a good answer.
        if matches!(exchange.probe.wire, Wire::Plain | Wire::Raw(_)) {
            return None;
        }
        let not_reached = error.phase <= Phase::Tls && view.answers().next().is_none();
        if not_its_fault || not_reached {
            return None;
        }
        let outcome = if view.is_last(exchange) {
            Verdict::Fail
        } else {
            Verdict::Flaky
        };
        let operation = exchange.probe.operation();
        let finding = SPEC
            .finds(
                &operation,
                format!("{operation} gets no answer: {}", plain(error)),
            )
            .expected("an answer")
            .actual(error.detail.clone())
            .outcome(outcome);
        Some(vec![finding.shown_by([exchange])])
    }
}
