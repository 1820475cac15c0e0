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
use crate::model::target::{Call, Environment};

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
                  asked again and again while one call that must work is under way. It is blocked when one answer takes more \
                  than half as long as the call, and many times as long as alone. The call may be paid for, so it is done \
                  only on a service of one's own.",
    hint: "Move blocking work off the event loop or into a pool of its own, and keep a worker free for health.",
};

/// How often health is asked at most while the call is under way, one after the other.
const MOST: u64 = 60;

/// Below this a wait may be the machine's, in microseconds.
const NOTICEABLE: u64 = 400_000;

/// How many times as long as alone health takes when it is blocked, at least.
const TIMES: u64 = 10;

/// What is asked: a call that was seen to work and takes long enough for another to wait behind it, and health beside it.
struct Trial<'v> {
    call: &'v Call,
    work: Probe,
    health: Probe,
    /// What health took alone, in microseconds.
    alone: u64,
    /// How often it is asked: as long as the call takes, and no longer.
    times: u16,
}

/// The trial of this turn: one, and another that must show the same.
fn trial<'v>(view: &View<'v>, turn: u16) -> Option<Trial<'v>> {
    let target = view.target;
    let health = health::probe(view)?;
    let once = view.answer(&health)?.0;
    // Whatever else runs on this machine can only make an answer later: the quickest one is what health takes alone.
    let alike = view.answers().map(|(exchange, _)| exchange).filter(|exchange| {
        exchange.probe.operation() == health.operation() && exchange.status() == once.status()
    });
    let alone = alike.map(|exchange| exchange.phases.total()).min()?;
    target.proofs.iter().find_map(|proof| {
        let probe = asks::proof(target, proof);
        let (exchange, reply) = view.answer(&probe)?;
        let took = exchange.phases.total();
        let works =
            (200..300).contains(&reply.status) && took > NOTICEABLE && took > alone.saturating_mul(TIMES);
        works.then(|| Trial {
            call: &proof.call,
            work: probe.repeat(1 + turn),
            health: health.repeat(7 + turn),
            alone,
            times: u16::try_from((took / alone.max(1)).min(MOST)).unwrap_or(1),
        })
    })
}

fn may(view: &View<'_>) -> bool {
    view.target.environment == Environment::Local
}

impl Check for Independent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        // Whatever else runs on this machine may hold up one answer: only what happens twice counts.
        let first = trial(view, 0).filter(|trial| may(view) && view.target.allows(trial.work.effect));
        let again = first.as_ref().and_then(|first| held_up(view, first));
        let again = again.and_then(|_| trial(view, 1));
        let burst = first.into_iter().chain(again).map(|trial| Ask::Burst {
            each: trial.health,
            n: trial.times,
            at_once: 1,
            beside: Some(Box::new(trial.work)),
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
                "one more call that may be paid for is made only on a service of one's own",
                Some("--environment local"),
            );
        }
        let Some(trial) = trial(view, 0) else {
            return Judgement::NotApplicable(
                "no call was seen that works and takes many times as long as health".into(),
            );
        };
        let mut tally = Tally::new(view);
        let Some((work, _)) = tally.answer(&trial.work) else {
            return tally.done();
        };
        let again = self::trial(view, 1).and_then(|again| held_up(view, &again));
        if let Some(during) = held_up(view, &trial).filter(|_| again.is_some()) {
            let ms = |exchange: &Exchange| exchange.phases.total() / 1_000;
            let (route, alone, during_ms) = (trial.health.operation(), trial.alone / 1_000, ms(during));
            let found = SPEC
                .finds(
                    &route,
                    format!(
                        "{route} waits behind {}: one call raises it from {alone} ms to {during_ms} ms",
                        trial.call
                    ),
                )
                .expected("an answer that is as quick as alone")
                .actual(format!(
                    "{alone} ms alone, {during_ms} ms beside a call of {} ms",
                    ms(work)
                ));
            tally.find(found.shown_by([during]));
        }
        tally.done()
    }
}

/// The answer of health that waited longest, when it waited for the work.
fn held_up<'v>(view: &View<'v>, trial: &Trial<'_>) -> Option<&'v Exchange> {
    let (work, _) = view.answer(&trial.work)?;
    let asked = view
        .exchanges
        .iter()
        .filter(|exchange| *exchange.probe == trial.health);
    let longest = asked.max_by_key(|exchange| exchange.phases.total())?;
    waited(trial.alone, longest, work).then_some(longest)
}

/// Whether health waited for the work: for more than half of it, and many times as long as alone.
fn waited(alone: u64, during: &Exchange, work: &Exchange) -> bool {
    let (during, work) = (during.phases.total(), work.phases.total());
    during.saturating_mul(2) > work && during > alone.saturating_mul(TIMES) && during > NOTICEABLE / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Outcome;
    use crate::model::probe::Effect;

    fn timed(id: u32, probe: &Probe, ms: u64) -> Exchange {
        let mut exchange = answered(id, probe, 200, &[], "{}");
        exchange.phases.wait = Some(ms * 1_000);
        exchange
    }

    fn judged(work: u64, alone: u64, (during, again): (u64, u64)) -> Judgement {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let health = asks::read("/health");
        let seen = [
            timed(1, &health, alone),
            timed(2, &proof, work),
            timed(3, &proof.repeat(1), work),
            timed(3, &health.repeat(7), during),
            timed(4, &proof.repeat(2), work),
            timed(4, &health.repeat(8), again),
        ];
        Independent.judge(&View::new(&target, None, &seen, &[]))
    }

    #[test]
    fn health_that_waits_for_the_work_is_found() {
        assert!(
            matches!(judged(900, 3, (880, 700)), Judgement::Judged { findings, .. } if findings.len() == 1)
        );
    }

    #[test]
    fn health_that_answers_at_once_is_healthy() {
        assert!(
            matches!(judged(900, 3, (880, 12)), Judgement::Judged { findings, .. } if findings.is_empty())
        );
        assert!(
            matches!(judged(900, 80, (500, 500)), Judgement::Judged { findings, .. } if findings.is_empty())
        );
        assert!(
            matches!(judged(900, 3, (400, 400)), Judgement::Judged { findings, .. } if findings.is_empty()),
            "less than half of the work is no waiting for it"
        );
        assert!(matches!(judged(20, 3, (20, 20)), Judgement::NotApplicable(_)));
    }

    #[test]
    fn a_first_answer_that_the_machine_held_up_is_not_what_health_takes_alone() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let health = asks::read("/health");
        let seen = |quickest: u64| {
            [
                timed(1, &health, 95),
                timed(2, &health.repeat(1), quickest),
                timed(3, &proof, 900),
                timed(4, &proof.repeat(1), 900),
                timed(4, &health.repeat(7), 880),
                timed(5, &proof.repeat(2), 900),
                timed(5, &health.repeat(8), 870),
            ]
        };
        let found = |quickest: u64| {
            let seen = seen(quickest);
            match Independent.judge(&View::new(&target, None, &seen, &[])) {
                Judgement::Judged { findings, .. } => findings.len(),
                _ => 0,
            }
        };
        assert_eq!((found(3), found(95)), (1, 0));
    }

    #[test]
    fn it_pays_for_nothing_that_is_not_ours() {
        let mut target = target();
        target.environment = Environment::Staging;
        let slow = [
            timed(1, &asks::proof(&target, &target.proofs[0]), 900),
            timed(2, &asks::read("/health"), 3),
        ];
        let asked = Independent.ask(&View::new(&target, None, &slow, &[]));
        assert!(
            asked
                .iter()
                .flat_map(Ask::probes)
                .all(|probe| probe.effect == Effect::Read)
        );
        target.environment = Environment::Local;
        let asked = Independent.ask(&View::new(&target, None, &slow, &[]));
        assert!(asked.iter().any(|ask| matches!(ask, Ask::Burst { .. })));
    }

    /// What is found where each of these took so many microseconds: alone, the work, and health beside it, twice.
    fn said(alone: u64, work: u64, during: u64) -> Vec<(String, String)> {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let health = asks::read("/health");
        let of = |id, probe: &Probe, micros: u64| {
            let mut exchange = timed(id, probe, 0);
            exchange.phases.wait = Some(micros);
            exchange
        };
        let seen = [
            of(1, &health, alone),
            of(2, &proof, work),
            of(3, &proof.repeat(1), work),
            of(3, &health.repeat(7), during),
            of(4, &proof.repeat(2), work),
            of(4, &health.repeat(8), during),
        ];
        match Independent.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings
                .into_iter()
                .map(|finding| (finding.title, finding.actual))
                .collect(),
            Judgement::NotApplicable(reason) => vec![(reason, String::new())],
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_lies_on_a_bound_did_not_wait() {
        assert_eq!(
            said(3_000, 900_000, 880_000),
            [(
                "GET /health waits behind POST /summaries: one call raises it from 3 ms to 880 ms".to_owned(),
                "3 ms alone, 880 ms beside a call of 900 ms".to_owned()
            )]
        );
        assert_eq!(said(3_000, 900_000, 450_000), [], "half of the work");
        assert_eq!(said(60_000, 900_000, 600_000), [], "ten times as long as alone");
        assert_eq!(said(3_000, 400_001, 200_000), [], "the machine's");
        for (alone, work) in [(3_000, 400_000), (90_000, 900_000)] {
            assert_eq!(
                said(alone, work, work)[0].1,
                "",
                "the call of {work} is no work to wait behind"
            );
        }
    }

    #[test]
    fn it_is_asked_as_often_as_it_fits_into_the_work() {
        let target = target();
        let asked = |status: u16, work: u64, extra: &[Exchange]| {
            let proof = asks::proof(&target, &target.proofs[0]);
            let mut work = timed(1, &proof, work);
            if let Outcome::Answered(reply) = &mut work.reply {
                reply.status = status;
            }
            let mut seen = vec![work, timed(2, &asks::read("/health"), 30)];
            seen.extend_from_slice(extra);
            let asked = Independent.ask(&View::new(&target, None, &seen, &[]));
            asked
                .into_iter()
                .filter_map(|ask| match ask {
                    Ask::Burst { each, n, beside, .. } => Some((each, n, *beside?)),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let proof = asks::proof(&target, &target.proofs[0]);
        let health = asks::read("/health");
        let first = (health.repeat(7), 30, proof.repeat(1));
        assert_eq!(asked(200, 900, &[]), vec![first.clone()]);
        assert_eq!(asked(500, 900, &[]), [], "a call that fails is no work");
        let other = [
            timed(3, &asks::read("/quick"), 1),
            answered(4, &health.repeat(1), 503, &[], "{}"),
        ];
        assert_eq!(
            asked(200, 900, &other),
            vec![first.clone()],
            "only health that is as well tells what it takes"
        );
        let held_up = [timed(5, &proof.repeat(1), 900), timed(6, &health.repeat(7), 880)];
        assert_eq!(
            asked(200, 900, &held_up),
            [first, (health.repeat(8), 30, proof.repeat(2))]
        );
    }

    #[test]
    fn a_short_wait_may_be_the_machines_beside_work_that_was_short_this_time() {
        let of = |micros: u64| {
            let mut exchange = timed(1, &asks::read("/health"), 0);
            exchange.phases.wait = Some(micros);
            exchange
        };
        assert!(!waited(3_000, &of(200_000), &of(300_000)));
        assert!(waited(3_000, &of(200_001), &of(300_000)));
    }
}
