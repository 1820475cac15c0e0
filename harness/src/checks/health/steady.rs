//! Replicas disagree behind one address: whoever asks once sees one of them.

use crate::check::Check;
use crate::check::health::{self, admits_trouble};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Probe};

/// The check.
pub struct Steady;

static SPEC: Spec = Spec {
    id: "health/steady",
    layer: Layer::Health,
    title: "Health says the same on every connection",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An instance that lost its database answers every second or third caller, and one look at health is a coin. \
                  Health is asked on four connections of their own, besides the looks that other checks take: five looks find \
                  one bad instance of two with 95 % certainty.",
    hint: "Compare the instances one by one: configuration, database connections, age; take the bad one out of rotation.",
};

/// How many connections are opened for it.
const FRESH: u16 = 4;

/// The same question on connections of their own.
fn fresh(view: &View<'_>) -> Vec<Probe> {
    let Some(probe) = health::probe(view) else {
        return Vec::new();
    };
    let alone = Probe {
        conn: Conn::Fresh,
        ..probe
    };
    (0..FRESH).map(|again| alone.repeat(again)).collect()
}

impl Check for Steady {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let first = health::probes(view);
        first.into_iter().chain(fresh(view)).map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(probe) = health::probe(view) else {
            return Judgement::NotApplicable("no health route is known".into());
        };
        let mut tally = Tally::new(view);
        let same_route = |exchange: &&Exchange| {
            exchange.probe.method == "GET"
                && exchange.probe.path == probe.path
                && exchange.probe.who.is_none()
                // Whoever asks otherwise may be answered otherwise: that is for others to judge.
                && exchange.probe.page.is_none()
                && exchange.probe.headers.is_empty()
        };
        let told: Vec<&Exchange> = view
            .exchanges
            .iter()
            .filter(same_route)
            .filter(|exchange| {
                let reply = exchange.answer();
                reply.is_some_and(|reply| {
                    matches!(reply.status, 200..300 | 500..600) && !health::is_page(reply)
                })
            })
            .collect();
        if told.len() < usize::from(FRESH) {
            for probe in fresh(view) {
                tally.answer(&probe);
            }
        }
        told.iter().for_each(|exchange| tally.judged(exchange));
        let bad: Vec<&Exchange> = told
            .iter()
            .copied()
            .filter(|exchange| exchange.answer().is_some_and(admits_trouble))
            .collect();
        if !bad.is_empty() && bad.len() < told.len() {
            let route = probe.operation();
            let (n, m) = (bad.len(), told.len());
            let found = SPEC
                .finds(
                    &route,
                    format!(
                        "{route} says that all is well to some and not to others: not well {n} of {m} times"
                    ),
                )
                .expected("the same answer every time")
                .actual(format!("{n} of {m} not well"));
            tally.find(found.shown_by(bad));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};

    fn found(statuses: [u16; 4]) -> usize {
        let target = target();
        let probes = fresh(&View::new(&target, None, &[], &[]));
        let seen: Vec<_> = (1..)
            .zip(probes.iter().zip(statuses))
            .map(|(id, (probe, status))| answered(id, probe, status, &[], "{}"))
            .collect();
        match Steady.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn health_that_changes_from_connection_to_connection_is_found() {
        assert_eq!(found([200, 503, 200, 503]), 1);
        assert_eq!(found([200, 200, 200, 503]), 1);
    }

    #[test]
    fn what_pages_and_other_callers_are_told_is_for_others_to_judge() {
        let target = target();
        let mut seen: Vec<_> = (1..)
            .zip(fresh(&View::new(&target, None, &[], &[])))
            .map(|(id, probe)| answered(id, &probe, 200, &[], "{}"))
            .collect();
        let page = Probe::get("/health").page(&target.clients[0].origin, target.clients[0].credentials);
        let conditional = Probe::get("/health").header("x-probe", "1");
        for (id, other) in [(9, page.build()), (10, conditional.build())] {
            seen.push(answered(id, &other, 503, &[], "{}"));
        }
        let judgement = Steady.judge(&View::new(&target, None, &seen, &[]));
        assert!(matches!(judgement, Judgement::Judged { findings, .. } if findings.is_empty()));
    }

    #[test]
    fn health_that_says_the_same_is_steady() {
        assert_eq!(found([200; 4]), 0);
        assert_eq!(found([503; 4]), 0);
        // Somebody's limit on requests says nothing of instances.
        assert_eq!(found([200, 200, 429, 429]), 0);
    }
}
