//! A platform that asks for health waits a few seconds, and then restarts what was only slow.

use crate::check::Check;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::model::exchange::WireFault;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;
use crate::model::target::Target;

/// The check.
pub struct Quick;

static SPEC: Spec = Spec {
    id: "health/quick",
    layer: Layer::Health,
    title: "Health answers before platforms give up",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Platforms give a health route about five seconds (Render: 5 s) and then take the instance for dead. A deep \
                  check without a time limit of its own turns a slow dependency into a restart of every good instance. The \
                  limit is half of the deadline of a request, so 5 s unless the profile says otherwise; it is exceeded only \
                  when every sample of the run exceeds it, so that a cold start is not taken for it.",
    hint: "Give each dependency check a limit well below a second, and answer with what is known by then.",
};

/// How long health may take, in microseconds.
fn limit(target: &Target) -> u64 {
    target.bounds.deadline_ms.saturating_mul(1_000) / 2
}

impl Check for Quick {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let samples = health::probes(view);
        let again = health::probe(view).map(|probe| probe.repeat(2));
        let slow = again.filter(|_| health::probe(view).is_some_and(|first| is_slow(view, &first)));
        samples.into_iter().chain(slow).map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(first) = health::probe(view) else {
            return Judgement::NotApplicable("no health route is known".into());
        };
        let mut tally = Tally::new(view);
        let samples = [first.clone(), first.repeat(2)];
        let sampled: Vec<_> = samples
            .iter()
            .filter_map(|probe| match view.seen(probe) {
                Seen::Answered(exchange, _) => Some(exchange),
                Seen::Failed(exchange, error) if error.fault == WireFault::TimedOut => Some(exchange),
                _ => None,
            })
            .collect();
        sampled.iter().for_each(|exchange| tally.judged(exchange));
        if sampled.is_empty() {
            tally.answer(&first);
        }
        let slow = samples.iter().filter(|probe| is_slow(view, probe)).count();
        if slow > 0 && slow == sampled.len() {
            let least = sampled
                .iter()
                .map(|exchange| exchange.phases.total())
                .min()
                .unwrap_or(0);
            let route = first.operation();
            let found = SPEC
                .finds(
                    &route,
                    format!(
                        "{route} takes {} ms or more; platforms give up by then and restart good instances",
                        least / 1_000
                    ),
                )
                .expected(format!("an answer within {} ms", limit(view.target) / 1_000))
                .actual(format!("{} ms at best, {slow} of {slow}", least / 1_000));
            tally.find(found.shown_by(sampled.iter().copied()));
        }
        tally.done()
    }
}

/// Whether a sample took longer than it may, or never ended.
fn is_slow(view: &View<'_>, probe: &crate::model::probe::Probe) -> bool {
    match view.seen(probe) {
        Seen::Answered(exchange, _) => exchange.phases.total() > limit(view.target),
        Seen::Failed(_, error) => error.fault == WireFault::TimedOut,
        Seen::Limited(..) | Seen::Refused(_) | Seen::NotAsked => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::exchange::{Exchange, Phase};

    fn judged(times: &[u64]) -> usize {
        let target = target();
        let probes = [asks::read("/health"), asks::read("/health").repeat(2)];
        let seen: Vec<_> = (1..)
            .zip(times.iter().zip(probes))
            .map(|(id, (ms, probe))| {
                let mut exchange = answered(id, &probe, 200, &[], "ok");
                exchange.phases.wait = Some(ms * 1_000);
                exchange
            })
            .collect();
        match Quick.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn health_that_is_always_late_is_found_and_a_cold_start_is_not() {
        let limit = limit(&target()) / 1_000;
        assert_eq!(judged(&[limit + 1, limit + 1]), 1);
        assert_eq!(judged(&[limit + 1, 5]), 0);
        assert_eq!(judged(&[5]), 0);
    }

    /// The health route, twice, with this fault and no answer.
    fn silent(fault: WireFault) -> [Exchange; 2] {
        let probe = asks::read("/health");
        [probe.clone(), probe.repeat(2)].map(|probe| failed(1, &probe, Phase::Wait, fault))
    }

    #[test]
    fn what_lies_on_the_bound_is_in_time() {
        let limit = limit(&target()) / 1_000;
        assert_eq!(judged(&[limit, limit]), 0);
    }

    #[test]
    fn what_is_never_answered_is_late_and_what_is_refused_is_not() {
        let target = target();
        assert_eq!(findings(&Quick, &target, &silent(WireFault::TimedOut)).len(), 1);
        let refused = judgement(&Quick, &target, &silent(WireFault::Refused));
        assert!(matches!(refused, Judgement::Unable(_)), "{refused:?}");
        let asked = |fault| {
            let [first, _] = silent(fault);
            Quick.ask(&View::new(&target, None, &[first], &[])).len()
        };
        assert_eq!(asked(WireFault::TimedOut), asked(WireFault::Refused) + 1);
    }
}
