//! A light request beside heavy ones must not wait for them. When it does, one slow call is an outage for everybody.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::reach::answers::Answers;
use crate::checks::rollout::answers_not_mixed::may_strain;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct LightBesideHeavy;

/// Light requests, one after the other, while the heavy one is under way.
const COPIES: u16 = 24;
/// Tells its requests from those of others.
const AGAIN: u16 = 101;
/// Work that takes less than this, in microseconds, stops nobody for long enough to tell.
const HEAVY: i64 = 150_000;

static SPEC: Spec = Spec {
    id: "rollout/light-beside-heavy",
    layer: Layer::Journey,
    title: "A light request does not wait for a heavy one",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A blocking call in an asynchronous handler holds the one loop that serves everybody: while a recording is \
                  transcribed, health does not answer, the platform takes the instance for dead and restarts it. Work that \
                  takes long is sent once more to a service that was started for the run, with health timed beside it.",
    hint: "Move blocking work off the loop (a thread pool, an asynchronous client), or serve with more than one worker.",
};

/// The proof whose work takes long enough, to be sent once more.
fn heavy(view: &View<'_>) -> Option<Probe> {
    let mut proofs = view
        .target
        .proofs
        .iter()
        .map(|proof| asks::proof(view.target, proof));
    let takes_long = |probe: &Probe| {
        let seen = view.answer(probe);
        seen.is_some_and(|(exchange, reply)| reply.status < 300 && wait(exchange) >= HEAVY)
    };
    proofs.find(takes_long).map(|probe| probe.repeat(AGAIN))
}

fn light(view: &View<'_>) -> Probe {
    Answers::probe(view.target).repeat(AGAIN)
}

/// How long an answer was waited for, in microseconds.
fn wait(exchange: &Exchange) -> i64 {
    i64::try_from(exchange.phases.wait.unwrap_or_default()).unwrap_or(i64::MAX)
}

/// When an answer came, in microseconds since 1970.
fn end(exchange: &Exchange) -> i64 {
    exchange
        .at
        .as_microsecond()
        .saturating_add(i64::try_from(exchange.phases.total()).unwrap_or_default())
}

/// Whether a light request waited for most of a heavy one, and was answered as soon as that was done. A busy machine makes
/// requests slow as well, but not until the very moment in which another ends. What it takes by itself when things are cold may
/// come on top of that.
fn stood_in_line(light: &Exchange, heavy: &Exchange, cold: i64) -> bool {
    let after = end(light).saturating_sub(end(heavy));
    let moment = (wait(heavy) / 8).max(5_000);
    let latest = moment + cold.min(wait(heavy) / 4);
    wait(light) >= wait(heavy) / 2 && (-moment..=latest).contains(&after)
}

impl Check for LightBesideHeavy {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let heavy = heavy(view).filter(|_| may_strain(view));
        let burst = heavy.map(|heavy| Ask::Burst {
            each: light(view),
            n: COPIES,
            at_once: 1,
            beside: Some(Box::new(heavy)),
        });
        burst.into_iter().collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if !may_strain(view) {
            return Judgement::skipped(
                "a strain is put only on a service that was started for the run",
                Some("--spawn CMD"),
            );
        }
        let Some(heavy) = heavy(view) else {
            return Judgement::NotApplicable("the work is done too quickly to stop anybody".to_owned());
        };
        let mut tally = Tally::new(view);
        let Some((work, _)) = tally.answer(&heavy) else {
            return tally.done();
        };
        let light = light(view);
        let beside = view.answers().map(|(exchange, _)| exchange);
        let beside: Vec<&Exchange> = beside.filter(|exchange| *exchange.probe == light).collect();
        beside.iter().for_each(|exchange| tally.judged(exchange));
        let slowest = beside.iter().max_by_key(|exchange| wait(exchange));
        // A request that takes as long whenever it is sent waits for nobody; one that finds things cold takes its own time, too.
        let same = |exchange: &&Exchange| {
            *exchange.probe != light && exchange.probe.operation() == light.operation()
        };
        let elsewhere: Vec<i64> = view
            .answers()
            .map(|(exchange, _)| exchange)
            .filter(same)
            .map(wait)
            .collect();
        let alone = elsewhere.iter().min().copied().unwrap_or_default();
        let cold = elsewhere.iter().max().copied().unwrap_or_default();
        let delayed = |slowest: &&&Exchange| {
            wait(slowest) > alone.saturating_mul(3) && stood_in_line(slowest, work, cold)
        };
        if let Some(slowest) = slowest.filter(delayed) {
            let (light, heavy) = (light.operation(), heavy.operation());
            let (waited, took) = (wait(slowest) / 1_000, wait(work) / 1_000);
            let finding = SPEC
                .finds(
                    &light,
                    format!("{light} waits {waited} ms, until {heavy} is done: one call stops all others"),
                )
                .expected("an answer while the other call is worked on")
                .actual(format!("{waited} ms beside a call of {took} ms"));
            tally.find(finding.shown_by([*slowest, work]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    /// A probe that was answered after so many milliseconds.
    fn timed(id: u32, probe: &Probe, ms: u64) -> Exchange {
        let mut exchange = answered(id, probe, 200, &[], "{}");
        exchange.phases.wait = Some(ms * 1_000);
        exchange
    }

    /// Light requests that begin so many milliseconds after a heavy one of 200 ms, and wait so many.
    fn found(lights: &[(i64, u64)]) -> usize {
        let target = target();
        let view = View::new(&target, None, &[], &[]);
        let proof = asks::proof(&target, &target.proofs[0]);
        let timed = |id, probe: &Probe, at: i64, ms: u64| Exchange {
            at: Timestamp::from_millisecond(at).unwrap(),
            ..timed(id, probe, ms)
        };
        let mut seen = vec![
            timed(2, &proof, 0, 200),
            timed(3, &proof.repeat(AGAIN), 1_000, 200),
        ];
        seen.extend(
            lights
                .iter()
                .map(|(at, ms)| timed(3, &light(&view), 1_000 + at, *ms)),
        );
        findings(&LightBesideHeavy, &target, &seen).len()
    }

    #[test]
    fn waiting_until_another_is_done_is_found() {
        assert_eq!(found(&[(0, 1), (2, 199), (202, 1)]), 1);
    }

    #[test]
    fn spares_what_passes_and_what_is_slow_for_a_reason_of_its_own() {
        assert_eq!(found(&[(0, 1), (2, 3), (6, 2)]), 0);
        assert_eq!(found(&[(0, 1), (2, 120), (123, 1)]), 0);
        assert_eq!(found(&[(0, 1), (150, 120)]), 0);
    }

    #[test]
    fn only_what_waits_for_most_of_it_and_is_answered_with_it_stood_in_line() {
        assert_eq!(found(&[(30, 190)]), 1, "within an eighth of the heavy one");
        assert_eq!(found(&[(50, 190)]), 0);
        assert_eq!(found(&[(140, 60)]), 0, "it waited for less than half of it");
    }

    #[test]
    fn the_first_answer_may_find_everything_cold() {
        let target = target();
        let view = View::new(&target, None, &[], &[]);
        let proof = asks::proof(&target, &target.proofs[0]);
        let seen = [
            timed(1, &Answers::probe(&target), 120),
            timed(2, &Answers::probe(&target).repeat(7), 2),
            timed(3, &proof, 200),
            timed(4, &proof.repeat(AGAIN), 200),
            timed(5, &light(&view), 195),
        ];
        assert_eq!(findings(&LightBesideHeavy, &target, &seen).len(), 1);
    }

    #[test]
    fn what_takes_a_third_as_long_alone_waits_for_nobody() {
        let target = target();
        let view = View::new(&target, None, &[], &[]);
        let proof = asks::proof(&target, &target.proofs[0]);
        let said = |alone: u64| {
            let seen = [
                timed(1, &Answers::probe(&target), alone),
                timed(2, &proof, 200),
                timed(3, &proof.repeat(AGAIN), 200),
                timed(4, &light(&view), 195),
            ];
            let found = findings(&LightBesideHeavy, &target, &seen).into_iter();
            found
                .map(|finding| (finding.title, finding.actual))
                .collect::<Vec<_>>()
        };
        assert_eq!(said(65), []);
        assert_eq!(
            said(64),
            [(
                "GET /health waits 195 ms, until POST /summaries is done: one call stops all others"
                    .to_owned(),
                "195 ms beside a call of 200 ms".to_owned()
            )]
        );
    }

    #[test]
    fn it_is_asked_beside_work_that_takes_long_enough() {
        let target = target();
        let asked = |status: u16, micros: u64| {
            let proof = asks::proof(&target, &target.proofs[0]);
            let mut seen = answered(1, &proof, status, &[], "{}");
            seen.phases.wait = Some(micros);
            LightBesideHeavy
                .ask(&View::new(&target, None, &[seen], &[]))
                .len()
        };
        assert_eq!(
            (asked(200, 150_000), asked(200, 149_999), asked(300, 150_000)),
            (1, 0, 0)
        );
    }
}
