//! Health must not wait behind the work: a platform that gets no answer restarts the instance, and the work with it.

use crate::check::Check;
use crate::check::asks;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::{Environment, Proof};

/// The check.
pub struct Independent;

static SPEC: Spec = Spec {
    id: "health/independent",
    layer: Layer::Health,
    title: "Health answers while work is under way",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A blocking call on the event loop, or a pool without a thread left, holds up every other request. Health is \
                  asked while two calls that must work are under way. It is blocked when it takes more than half as long as \
                  they do, and many times as long as it takes alone. The calls may be paid for, so it is done only on a \
                  service of one's own.",
    hint: "Move blocking work off the event loop or into a pool of its own, and keep a worker free for health.",
};

/// How many calls are under way at once.
const AT_ONCE: u16 = 2;

/// Below this nobody waits for anything, in microseconds.
const NOTICEABLE: u64 = 200_000;

/// How many times as long as alone health takes when it is blocked, at least.
const TIMES: u64 = 10;

/// The proof whose call works, and the burst of it.
fn burst<'v>(view: &View<'v>) -> Option<(&'v Proof, Probe, Probe)> {
    let target = view.target;
    let works = |proof: &&Proof| {
        let answer = view.answer(&asks::proof(target, proof));
        answer.is_some_and(|(exchange, reply)| {
            (200..300).contains(&reply.status) && exchange.phases.total() > NOTICEABLE
        })
    };
    let proof = target.proofs.iter().find(works)?;
    let each = asks::proof(target, proof).repeat(1);
    let beside = health::probe(view)?.repeat(7);
    Some((proof, each, beside))
}

fn may(view: &View<'_>) -> bool {
    view.target.environment == Environment::Local
}

impl Check for Independent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let burst = burst(view).filter(|(_, each, _)| may(view) && view.target.allows(each.effect));
        let burst = burst.map(|(_, each, beside)| Ask::Burst {
            each,
            n: AT_ONCE,
            at_once: AT_ONCE,
            beside: Some(Box::new(beside)),
        });
        let first = health::probes(view).into_iter().map(Ask::One);
        first.chain(burst).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if health::probe(view).is_none() {
            return Judgement::NotApplicable("no health route is known".into());
        }
        if !may(view) {
            return Judgement::skipped(
                "two calls at once that may be paid for are made only on a service of one's own",
                Some("--environment local"),
            );
        }
        let Some((proof, each, beside)) = burst(view) else {
            return Judgement::NotApplicable(
                "no call was seen that works and takes long enough for another to wait behind it".into(),
            );
        };
        let mut tally = Tally::new(view);
        let alone = health::probe(view).and_then(|probe| view.answer(&probe));
        let (Some((during, _)), Some((alone, _))) = (tally.answer(&beside), alone) else {
            return tally.done();
        };
        let calls = view.exchanges.iter().filter(|exchange| *exchange.probe == each);
        let longest = calls.map(|exchange| exchange.phases.total()).max().unwrap_or(0);
        if let Some((alone, during)) = blocked(alone, during, longest) {
            let route = beside.operation();
            let found = SPEC
                .finds(
                    &route,
                    format!("{route} waits behind {}: {AT_ONCE} calls at once raise it from {alone} ms to {during} ms", proof.call),
                )
                .expected("an answer that is as quick as alone")
                .actual(format!("{alone} ms alone, {during} ms beside {AT_ONCE} calls of {} ms", longest / 1_000));
            tally.find(
                found.shown_by(
                    [view.exchanges.iter().find(|exchange| *exchange.probe == beside)]
                        .into_iter()
                        .flatten(),
                ),
            );
        }
        tally.done()
    }
}

/// How long health took alone and beside the work, in milliseconds, when it waited for it.
fn blocked(alone: &Exchange, during: &Exchange, longest: u64) -> Option<(u64, u64)> {
    let (alone, during) = (alone.phases.total(), during.phases.total());
    let waits = longest > NOTICEABLE && during * 2 > longest && during > alone.saturating_mul(TIMES);
    waits.then_some((alone / 1_000, during / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Effect;

    fn timed(id: u32, probe: &Probe, ms: u64) -> Exchange {
        let mut exchange = answered(id, probe, 200, &[], "{}");
        exchange.phases.wait = Some(ms * 1_000);
        exchange
    }

    fn judged(work: u64, alone: u64, during: u64) -> Judgement {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let health = asks::read("/health");
        let seen = [
            timed(1, &health, alone),
            timed(2, &proof, work),
            timed(3, &proof.repeat(1), work),
            timed(3, &health.repeat(7), during),
        ];
        Independent.judge(&View::new(&target, None, &seen, &[]))
    }

    #[test]
    fn health_that_waits_for_the_work_is_found() {
        assert!(matches!(judged(900, 3, 880), Judgement::Judged { findings, .. } if findings.len() == 1));
    }

    #[test]
    fn health_that_answers_at_once_is_healthy() {
        assert!(matches!(judged(900, 3, 12), Judgement::Judged { findings, .. } if findings.is_empty()));
        assert!(matches!(judged(900, 300, 500), Judgement::Judged { findings, .. } if findings.is_empty()));
        assert!(matches!(judged(20, 3, 20), Judgement::NotApplicable(_)));
    }

    #[test]
    fn it_pays_for_nothing_that_is_not_ours() {
        let mut target = target();
        target.environment = Environment::Staging;
        let slow = timed(1, &asks::proof(&target, &target.proofs[0]), 900);
        let asked = Independent.ask(&View::new(&target, None, std::slice::from_ref(&slow), &[]));
        assert!(
            asked
                .iter()
                .flat_map(Ask::probes)
                .all(|probe| probe.effect == Effect::Read)
        );
        target.environment = Environment::Local;
        let asked = Independent.ask(&View::new(&target, None, &[slow], &[]));
        assert!(asked.iter().any(|ask| matches!(ask, Ask::Burst { .. })));
    }
}
