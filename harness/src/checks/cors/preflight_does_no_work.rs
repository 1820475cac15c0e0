//! `OPTIONS` is a safe method (RFC 9110 §9.2.1): a browser sends it unasked, before calls that may never follow. Where the router
//! hands it to the operation, each such question does the work, and costs what the work costs. It shows in the time: the
//! preflight takes as long as the call.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::{self, Preflight};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct PreflightDoesNoWork;

static SPEC: Spec = Spec {
    id: "cors/preflight-does-no-work",
    layer: Layer::Cors,
    title: "A preflight asks, and does nothing",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Browsers send OPTIONS on their own, before every call that needs leave, and for calls that then never come. \
                  An OPTIONS that runs the operation doubles its cost and may write twice. It is told by time: a preflight \
                  that takes about as long as the accepted call, three times in a row, while a plain read of the same \
                  service is quick.",
    hint: "Let the CORS layer answer OPTIONS before the operation is reached; bind the operation to its own method only.",
};

/// How much longer than a plain read a preflight must take to be doing work, in microseconds.
const WORK: u64 = 250_000;

/// How often a slow preflight is asked for again.
const AGAIN: u16 = 2;

impl Check for PreflightDoesNoWork {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let suspects = compared(view.target).into_iter().filter(|(preflight, call)| {
            view.answer(&preflight.probe)
                .is_some_and(|(first, _)| works(view, call, first))
        });
        suspects
            .flat_map(|(preflight, _)| (1..=AGAIN).map(move |again| Ask::One(preflight.probe.repeat(again))))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let mut tally = Tally::new(view);
        for (preflight, call) in compared(view.target) {
            let Some((accepted, _)) = accepted(view, &call) else {
                let reason = format!(
                    "{}: no accepted call was seen to compare its preflight with",
                    call.operation()
                );
                tally.missing(reason, None);
                continue;
            };
            let all: Vec<&Exchange> = (0..=AGAIN)
                .filter_map(|again| tally.answer(&preflight.probe.repeat(again)))
                .map(|(exchange, _)| exchange)
                .collect();
            let enough = all.len() > usize::from(AGAIN);
            if enough && all.iter().all(|one| works(view, &call, one)) {
                let ms = |exchange: &Exchange| exchange.phases.wait.unwrap_or_default() / 1000;
                let quickest = all.iter().map(|one| ms(one)).min().unwrap_or_default();
                let operation = &preflight.made.call;
                let found = SPEC
                    .finds(
                        preflight.subject(),
                        format!("The preflight of {operation} takes as long as the call: OPTIONS seems to do the work"),
                    )
                    .expected("an answer as quick as that of a plain read")
                    .actual(format!(
                        "{quickest} ms or more, {} times; the call itself {} ms, a plain read {} ms",
                        all.len(),
                        ms(accepted),
                        quickest_read(view).unwrap_or_default() / 1000
                    ));
                tally.find(found.shown_by(all));
            }
        }
        tally.done()
    }
}

/// The preflights of calls that must be seen working, each with that call.
fn compared(target: &Target) -> Vec<(Preflight<'_>, Probe)> {
    pages::preflights(target)
        .into_iter()
        .filter_map(|preflight| {
            let proof = target
                .proofs
                .iter()
                .find(|proof| proof.call == preflight.made.call)?;
            let call = asks::proof(target, proof);
            Some((preflight, call))
        })
        .take(1)
        .collect()
}

/// The accepted call, and how long it took to the first byte of its answer, in microseconds.
fn accepted<'v>(view: &View<'v>, call: &Probe) -> Option<(&'v Exchange, u64)> {
    let (exchange, reply) = view.answer(call)?;
    let wait = exchange.phases.wait?;
    (200..300).contains(&reply.status).then_some((exchange, wait))
}

/// Whether a preflight took about as long as the work, both beyond what a read takes: network, TLS and a busy machine.
fn works(view: &View<'_>, call: &Probe, preflight: &Exchange) -> bool {
    let times = accepted(view, call)
        .zip(preflight.phases.wait)
        .zip(quickest_read(view));
    times.is_some_and(|(((_, work), wait), read)| {
        let (excess, work) = (wait.saturating_sub(read), work.saturating_sub(read));
        excess >= WORK && excess.saturating_mul(2) >= work
    })
}

/// The shortest wait for a plain read of the cheap route, in microseconds.
fn quickest_read(view: &View<'_>) -> Option<u64> {
    let route = pages::cheap_route(view.target);
    view.answers()
        .filter(|(exchange, _)| exchange.probe.method == "GET" && exchange.probe.path_text() == route)
        .filter_map(|(exchange, _)| exchange.phases.wait)
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::finding::Finding;

    /// What comes of these waits: for a read, for the call, and for each preflight. In milliseconds.
    fn judged(read: u64, call: u64, preflights: [u64; 3]) -> Vec<Finding> {
        let target = target();
        let (preflight, work) = compared(&target).remove(0);
        let timed = |id: u32, probe: &Probe, ms: u64| {
            let mut exchange = answered(id, probe, 200, &[], "");
            exchange.phases.wait = Some(ms * 1000);
            exchange
        };
        let mut seen = vec![
            timed(1, &asks::read("/health"), read),
            timed(2, &work, call),
            timed(3, &preflight.probe, preflights[0]),
        ];
        for ask in PreflightDoesNoWork.ask(&View::new(&target, None, &seen, &[])) {
            let Ask::One(probe) = ask else { panic!() };
            let ms = preflights[usize::from(probe.again)];
            seen.push(timed(3 + u32::from(probe.again), &probe, ms));
        }
        match PreflightDoesNoWork.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_preflight_that_takes_as_long_as_the_call_every_time_is_found() {
        let found = judged(10, 420, [400, 410, 405]);
        assert_eq!((found.len(), found[0].severity), (1, Severity::Major));
        assert!(
            found[0].actual.starts_with("400 ms or more, 3 times"),
            "{}",
            found[0].actual
        );
    }

    #[test]
    fn slow_services_slow_networks_and_single_slow_preflights_are_spared() {
        assert_eq!(judged(10, 2_000, [15, 15, 15]), [], "the work is slow");
        assert_eq!(judged(300, 700, [400, 400, 400]), [], "everything is slow");
        assert_eq!(judged(10, 420, [400, 12, 11]), [], "a cold start");
        assert_eq!(
            judged(10, 4_000, [300, 300, 300]),
            [],
            "slow, and far from the work"
        );
    }

    #[test]
    fn a_quick_preflight_is_asked_for_once() {
        let target = target();
        let (preflight, work) = compared(&target).remove(0);
        let seen = [
            answered(1, &asks::read("/health"), 200, &[], ""),
            answered(2, &work, 200, &[], ""),
            answered(3, &preflight.probe, 204, &[], ""),
        ];
        assert_eq!(PreflightDoesNoWork.ask(&View::new(&target, None, &seen, &[])), []);
    }
}
