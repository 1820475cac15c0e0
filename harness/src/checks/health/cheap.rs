//! A health route is polled every few seconds, for ever. One that makes the call that is paid for is paid for every time.

use crate::check::Check;
use crate::check::asks;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Effect};

/// The check.
pub struct Cheap;

static SPEC: Spec = Spec {
    id: "health/cheap",
    layer: Layer::Health,
    title: "Health does not make the call that is paid for",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "From outside it shows in time alone: health takes about as long as the paid call, each time it is asked, while \
                  another read of the same service takes a small part of that. It is said as a suspicion: a database may \
                  be as slow.",
    hint: "Ask the provider for something that is free, such as its list of models, and remember the answer for a while.",
};

/// Below this health is quick whatever it does, in microseconds.
const NOTICEABLE: u64 = 150_000;

impl Check for Cheap {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let unknown = asks::read(asks::NO_SUCH_ROUTE);
        let mut asks: Vec<Ask> = health::probes(view).into_iter().map(Ask::One).collect();
        asks.push(Ask::One(unknown));
        asks
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(probe) = health::probe(view) else {
            return Judgement::NotApplicable("no health route is known".into());
        };
        let took = |exchange: &Exchange| exchange.phases.total();
        let paid = view
            .answers()
            .filter(|(exchange, reply)| {
                exchange.probe.effect == Effect::Paid && (200..300).contains(&reply.status)
            })
            .map(|(exchange, _)| took(exchange))
            .min();
        let other = view
            .answer(&asks::read(asks::NO_SUCH_ROUTE))
            .map(|(exchange, _)| took(exchange));
        let (Some(paid), Some(other)) = (paid, other) else {
            return Judgement::NotApplicable(
                "no paid call was seen to work that health could be compared with".into(),
            );
        };
        let mut tally = Tally::new(view);
        let is_health =
            |exchange: &&Exchange| exchange.probe.method == "GET" && exchange.probe.path == probe.path;
        let asked: Vec<&Exchange> = view
            .answers()
            .map(|(exchange, _)| exchange)
            .filter(is_health)
            .collect();
        asked.iter().for_each(|exchange| tally.judged(exchange));
        let least = asked.iter().map(|exchange| took(exchange)).min().unwrap_or(0);
        if asked.len() >= 2
            && least > NOTICEABLE
            && least.saturating_mul(2) > paid
            && least < paid.saturating_mul(2)
            && other.saturating_mul(5) < least
        {
            let route = probe.operation();
            let found = SPEC
                .finds(
                    &route,
                    format!("{route} takes as long as a paid call, every time: does it make one?"),
                )
                .expected("an answer without a paid call")
                .actual(format!(
                    "{} ms at least, a paid call {} ms, another read {} ms",
                    least / 1_000,
                    paid / 1_000,
                    other / 1_000
                ));
            tally.find(found.shown_by(asked.first().copied()));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Probe;

    fn found(health: u64, paid: u64, other: u64) -> usize {
        let target = target();
        let timed = |id, probe: &Probe, ms: u64| {
            let mut exchange = answered(id, probe, 200, &[], "{}");
            exchange.phases.wait = Some(ms * 1_000);
            exchange
        };
        let seen = [
            timed(1, &asks::read("/health"), health),
            timed(2, &asks::read("/health").repeat(1), health),
            timed(3, &asks::proof(&target, &target.proofs[0]), paid),
            timed(4, &asks::read(asks::NO_SUCH_ROUTE), other),
        ];
        match Cheap.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn health_that_costs_as_much_time_as_a_paid_call_is_suspected() {
        assert_eq!(found(330, 340, 4), 1);
    }

    #[test]
    fn a_quick_one_and_a_slow_network_are_healthy() {
        assert_eq!(found(4, 340, 4), 0);
        assert_eq!(found(330, 340, 320), 0);
        assert_eq!(found(160, 900, 4), 0);
    }
}
