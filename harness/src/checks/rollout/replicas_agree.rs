//! Processes of one build can still differ: a setting that one of them lacks refuses its share of the calls.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::replicas::{counted, instance, to_meet_all};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Effect, Mutation, Probe};
use crate::model::target::{Environment, Target};

/// The check.
pub struct ReplicasAgree;

/// How often each telling request is made when nobody said how many processes there are: so many meet one of two with 95 %.
const TIMES: u16 = 5;

static SPEC: Spec = Spec {
    id: "rollout/replicas-agree",
    layer: Layer::Version,
    title: "Every process behind the address does the same with the same request",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An instance that was started with an old secret or without the list of origins refuses its share of the \
                  calls, and every retry makes it look like chance. When two processes were met, a page's preflight and a \
                  call that no server can accept are repeated on new connections, and the answers compared by process.",
    hint: "Compare the environment of the two instances, then replace the one that differs.",
};

/// The processes that were met, by name.
fn met(view: &View<'_>) -> usize {
    counted(view.answers().filter_map(|(_, reply)| instance(reply))).len()
}

/// Requests that tell settings apart and have no effect: the first preflight of a page, and the good credential with a body
/// that no server accepts. The latter not in production, where it is throttled, unless it is a plain read.
fn telling(view: &View<'_>) -> Vec<Probe> {
    let target = view.target;
    let preflight = target.clients.iter().find_map(|client| {
        let made = client.calls.iter();
        made.rev()
            .find_map(|made| asks::preflight(&client.origin, client.credentials, made))
    });
    let protected = asks::protected(target);
    let inert = protected
        .first()
        .map(|call| asks::inert(target, call, Some(Mutation::AsIs)))
        .filter(|probe| match target.environment {
            Environment::Production => probe.effect == Effect::Read,
            Environment::Local | Environment::Staging => probe.effect <= Effect::Inert,
        });
    preflight.into_iter().chain(inert).collect()
}

/// The same request, so many times, each on a connection of its own.
fn repeats<'p>(target: &Target, probe: &'p Probe) -> impl Iterator<Item = Probe> + 'p {
    let times = to_meet_all(target).unwrap_or(TIMES);
    (1..=times).map(|again| Probe {
        conn: Conn::Fresh,
        ..probe.repeat(again)
    })
}

/// What matters of an answer: its status, and whom it allows to read.
fn outcome(reply: &Reply) -> String {
    let allowed = reply.header("access-control-allow-origin");
    format!(
        "HTTP {} {}",
        reply.status,
        if allowed.is_some() {
            "with Access-Control-Allow-Origin"
        } else {
            "without Access-Control-Allow-Origin"
        }
    )
}

impl Check for ReplicasAgree {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if met(view) < 2 {
            return Vec::new();
        }
        telling(view)
            .iter()
            .flat_map(|probe| repeats(view.target, probe).collect::<Vec<_>>())
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if met(view) < 2 {
            return Judgement::NotApplicable("no two processes were told apart".to_owned());
        }
        let mut tally = Tally::new(view);
        for probe in telling(view) {
            let seen: Vec<(String, String, &Exchange)> = repeats(view.target, &probe)
                .filter_map(|repeat| {
                    let (exchange, reply) = tally.answer(&repeat)?;
                    Some((instance(reply)?, outcome(reply), exchange))
                })
                .collect();
            if let Some((title, shown)) = disagreement(&probe, &seen) {
                let finding = SPEC
                    .finds(probe.operation(), title.clone())
                    .expected("the same answer from every process")
                    .actual(title);
                tally.find(finding.shown_by(shown));
            }
        }
        tally.done()
    }
}

/// What two processes make of one request, when each always makes the same of it and they differ.
fn disagreement<'e>(
    probe: &Probe,
    seen: &[(String, String, &'e Exchange)],
) -> Option<(String, Vec<&'e Exchange>)> {
    let mut steady: Vec<(&str, &str, usize)> = Vec::new();
    for (instance, outcome, _) in seen {
        match steady.iter_mut().find(|(known, ..)| known == instance) {
            Some((_, known, _)) if known != outcome => return None,
            Some((.., count)) => *count += 1,
            None => steady.push((instance, outcome, 1)),
        }
    }
    steady.sort_unstable();
    let differ = steady.iter().any(|(_, outcome, _)| *outcome != steady[0].1);
    let told: Vec<String> = steady
        .iter()
        .map(|(instance, outcome, count)| {
            format!("{} answers {outcome} ({count} of {count})", clean(instance, 40))
        })
        .collect();
    let title = format!(
        "{} gets another answer from another process: {}",
        probe.operation(),
        told.join(", ")
    );
    differ.then(|| (title, seen.iter().map(|(.., exchange)| *exchange).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{ORIGIN, answered, target};
    use crate::check::trial::judgement;

    fn judged(second: &str, allows: bool) -> Judgement {
        let target = target();
        let preflight = telling(&View::new(&target, None, &[], &[])).remove(0);
        let seen: Vec<Exchange> = repeats(&target, &preflight)
            .zip(1..)
            .map(|(probe, id)| {
                let is_second = id % 2 == 0;
                let mut headers = vec![("x-instance-id", if is_second { second } else { "a" })];
                if !is_second || allows {
                    headers.push(("access-control-allow-origin", ORIGIN));
                }
                answered(id, &probe, 204, &headers, "")
            })
            .collect();
        judgement(&ReplicasAgree, &target, &seen)
    }

    #[test]
    fn processes_that_differ_are_found_and_equal_ones_are_not() {
        assert!(matches!(judged("b", false), Judgement::Judged { findings, .. } if findings.len() == 1));
        assert!(matches!(judged("b", true), Judgement::Judged { findings, .. } if findings.is_empty()));
    }

    #[test]
    fn one_process_that_wavers_is_another_matter() {
        assert!(matches!(judged("a", false), Judgement::NotApplicable(_)));
    }
}
