//! A request that gets no answer at all is an outage for whoever sent it, and browsers call it a CORS or network error.

use crate::check::Rule;
use crate::check::names::is_of_one_resolver;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::check::wire::{is_own, plain};
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
        // A checker without IPv6 reaches no IPv6 address of a service that others reach there.
        let not_its_fault =
            is_own(error) || matches!(error.fault, WireFault::ReusedClosed | WireFault::Stopped);
        // Whether anything answers without TLS, or to bytes written by hand, is the question of a check of its own, and
        // silence is a good answer.
        if matches!(exchange.probe.wire, Wire::Plain | Wire::Raw(_)) {
            return None;
        }
        let not_reached = error.phase <= Phase::Tls && view.answers().next().is_none();
        let elsewhere = error.phase <= Phase::Tls && is_of_one_resolver(view, exchange);
        if not_its_fault || not_reached || elsewhere {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::model::exchange::Outcome;
    use crate::model::probe::Probe;

    /// What is found of a request that got no answer; `others` when something else was answered.
    fn found(wire: Wire, phase: Phase, fault: WireFault, others: bool) -> Option<usize> {
        let target = target();
        let probe = Probe::get("/me").wire(wire).build();
        let mut seen = vec![failed(1, &probe, phase, fault)];
        if others {
            seen.push(answered(2, &asks::read("/health"), 200, &[], "ok"));
        }
        let view = View::new(&target, None, &seen, &[]);
        let findings = EveryRequestAnswered.judge(&seen[0], &view);
        findings.map(|findings| findings.len())
    }

    #[test]
    fn silence_is_found_where_the_service_was_reached() {
        let found = |phase, fault, others| found(Wire::Auto, phase, fault, others);
        assert_eq!(found(Phase::Head, WireFault::Reset, false), Some(1));
        assert_eq!(found(Phase::Connect, WireFault::Refused, true), Some(1));
        for phase in [Phase::Resolve, Phase::Connect, Phase::Tls] {
            assert_eq!(found(phase, WireFault::TimedOut, false), None, "{phase:?}");
        }
    }

    #[test]
    fn an_address_to_which_this_machine_has_no_way_is_spared_and_one_beyond_a_router_is_not() {
        let target = target();
        for (detail, expected) in [
            ("[2001:db8::7]:443: Network is unreachable (os error 101)", None),
            ("203.0.113.7:443: No route to host (os error 113)", Some(1)),
        ] {
            let mut lost = failed(
                1,
                &Probe::get("/me").build(),
                Phase::Connect,
                WireFault::Unreachable,
            );
            if let Outcome::Failed(error) = &mut lost.reply {
                error.detail = detail.into();
            }
            let seen = [lost, answered(2, &asks::read("/health"), 200, &[], "ok")];
            let view = View::new(&target, None, &seen, &[]);
            let found = EveryRequestAnswered.judge(&seen[0], &view);
            assert_eq!(found.map(|found| found.len()), expected, "{detail}");
        }
    }

    #[test]
    fn what_is_not_its_fault_or_another_checks_question_is_left_alone() {
        for fault in [WireFault::ReusedClosed, WireFault::Ours, WireFault::Stopped] {
            assert_eq!(found(Wire::Auto, Phase::Head, fault, true), None, "{fault:?}");
        }
        assert_eq!(found(Wire::Plain, Phase::Head, WireFault::Reset, true), None);
        let target = target();
        let seen = [answered(1, &asks::read("/health"), 500, &[], "")];
        let view = View::new(&target, None, &seen, &[]);
        assert_eq!(EveryRequestAnswered.judge(&seen[0], &view), Some(vec![]));
    }
}
