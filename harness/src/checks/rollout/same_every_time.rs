//! The same request must get the same kind of answer. What fails now and then is the hardest to find later, and a retry hides it.

use std::collections::HashMap;

use crate::check::Check;
use crate::check::asks;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::replicas::instance;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Probe};

/// The check.
pub struct SameEveryTime;

static SPEC: Spec = Spec {
    id: "rollout/same-every-time",
    layer: Layer::Version,
    title: "A request that works once works every time",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A race, a pool that runs dry, a start that is not finished: k of n calls fail, not tied to input, and the \
                  next try works. Whatever was asked more than once is compared with itself, and a call that must work and \
                  fails is asked once more, if the budget allows, to tell a failure from chance.",
    hint: "Look for what the failing calls share in the log: the first after a start, a worker, a moment, an instance.",
};

/// The same request, however often and on whichever connection it is asked.
fn plain(probe: &Probe) -> Probe {
    Probe {
        conn: Conn::Pooled,
        ..probe.repeat(0)
    }
}

/// One request and everything that was answered to it.
pub fn groups<'v>(view: &View<'v>) -> Vec<Vec<&'v Exchange>> {
    let mut groups: Vec<Vec<&Exchange>> = Vec::new();
    let mut places: HashMap<Probe, usize> = HashMap::new();
    for (exchange, _) in view.answers() {
        let place = *places.entry(plain(&exchange.probe)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(exchange),
            None => groups.push(vec![exchange]),
        }
    }
    groups
}

/// Whether every process makes the same of it each time, and they differ: then it is no matter of chance.
fn depends_on_process(group: &[&Exchange]) -> bool {
    let mut steady: Vec<(String, bool)> = Vec::new();
    for exchange in group {
        let Some(process) = exchange.answer().and_then(instance) else {
            return false;
        };
        let failed = exchange.is_server_error();
        match steady.iter().find(|(known, _)| *known == process) {
            Some((_, before)) if *before != failed => return false,
            Some(_) => {}
            None => steady.push((process, failed)),
        }
    }
    steady.len() > 1
}

/// Whether a health route said 503 while it was so, and 200 once it was not (its own checks judge that).
fn tells_the_truth(view: &View<'_>, failed: &[&Exchange]) -> bool {
    let routes = &view.target.routes;
    let named = [&routes.health, &routes.ready, &routes.ai_health];
    let is_health = |path: &str| {
        named.iter().any(|route| route.as_deref() == Some(path)) || health::CONVENTIONAL.contains(&path)
    };
    failed
        .iter()
        .all(|exchange| exchange.status() == Some(503) && is_health(exchange.probe.path_text()))
}

impl Check for SameEveryTime {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let failed = |probe: &Probe| {
            view.answer(probe)
                .is_some_and(|(exchange, _)| exchange.is_server_error())
        };
        // It worked, and a call like it did not: does it still?
        let failed_since = |probe: &Probe| {
            let alike = |other: &Probe| {
                other.operation() == probe.operation()
                    && other.who == probe.who
                    && other.effect == probe.effect
            };
            let mut others = view.exchanges.iter().filter(|exchange| alike(&exchange.probe));
            let worked = view.answer(probe).is_some_and(|(_, reply)| reply.status < 300);
            worked && others.any(Exchange::is_server_error)
        };
        let proofs = view
            .target
            .proofs
            .iter()
            .map(|proof| asks::proof(view.target, proof));
        proofs
            .filter(|probe| failed(probe) || failed_since(probe))
            .map(|probe| Ask::One(probe.repeat(1)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        for group in groups(view).iter().filter(|group| group.len() > 1) {
            group.iter().for_each(|exchange| tally.judged(exchange));
            let failed: Vec<&Exchange> = group
                .iter()
                .copied()
                .filter(|exchange| exchange.is_server_error())
                .collect();
            let worked = group
                .iter()
                .filter(|exchange| exchange.status().is_some_and(|status| status < 400))
                .count();
            if failed.is_empty() || worked == 0 || depends_on_process(group) || tells_the_truth(view, &failed)
            {
                continue;
            }
            let operation = group[0].probe.operation();
            let status = failed[0].status().unwrap_or_default();
            let finding = SPEC
                .finds(
                    &operation,
                    format!(
                        "{} of {} equal requests {operation} fail with HTTP {status}, the others work",
                        failed.len(),
                        group.len()
                    ),
                )
                .expected("the same answer every time")
                .actual(format!("{} of {} fail", failed.len(), group.len()));
            tally.find(finding.shown_by(failed));
        }
        match tally.done() {
            Judgement::Unable(_) => Judgement::NotApplicable("nothing was asked more than once".to_owned()),
            judged => judged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::judgement;

    fn titles(seen: &[(u16, &str)]) -> Vec<String> {
        let probe = asks::read("/health");
        let seen: Vec<Exchange> = seen
            .iter()
            .zip(1_u16..)
            .map(|((status, process), id)| {
                let probe = Probe {
                    conn: Conn::Fresh,
                    ..probe.repeat(id)
                };
                answered(id.into(), &probe, *status, &[("x-instance-id", process)], "ok")
            })
            .collect();
        match judgement(&SameEveryTime, &target(), &seen) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|finding| finding.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_fails_now_and_then_is_counted() {
        assert_eq!(
            titles(&[(200, "a"), (500, "a"), (200, "a"), (500, "b")]),
            ["2 of 4 equal requests GET /health fail with HTTP 500, the others work"]
        );
    }

    #[test]
    fn spares_what_never_works_what_always_does_and_what_a_process_decides() {
        assert_eq!(titles(&[(500, "a"), (500, "a")]), Vec::<String>::new());
        // The health route became healthy, and said so.
        assert_eq!(titles(&[(503, "a"), (200, "a")]), Vec::<String>::new());
        assert_eq!(titles(&[(200, "a"), (200, "b")]), Vec::<String>::new());
        assert_eq!(
            titles(&[(200, "a"), (500, "b"), (200, "a"), (500, "b")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_failed_proof_is_asked_once_more() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let seen = [answered(1, &proof, 500, &[], "")];
        let asked = SameEveryTime.ask(&View::new(&target, None, &seen, &[]));
        assert_eq!(asked, [Ask::One(proof.repeat(1))]);
        // It worked, and an equal call failed since.
        let (mut worked, failed) = (
            answered(1, &proof, 200, &[], "{}"),
            answered(2, &proof, 500, &[], ""),
        );
        let asked = |seen: &[Exchange]| SameEveryTime.ask(&View::new(&target, None, seen, &[])).len();
        assert_eq!(asked(std::slice::from_ref(&worked)), 0);
        worked.probe = std::sync::Arc::new(proof.clone());
        let mut beside = failed;
        beside.probe = std::sync::Arc::new(proof.repeat(7));
        assert_eq!(asked(&[worked, beside]), 1);
    }
}
