//! When to stop asking: an operation that keeps a caller waiting to the deadline again and again has said what it will say,
//! and asking on only makes whoever runs Greenlight wait for the same answer. One that goes on refusing because too much is
//! asked of it should not be asked more. Pure.

use crate::check::edge::is_limit;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Outcome, WireFault};
use crate::model::probe::{Ask, Effect, Probe};
use crate::model::refusal::Why;
use crate::runner::budget::Denied;

/// An operation is given up after so many calls of the same effect in a row that met their deadline: three show that it
/// is no accident.
const MOST: usize = 3;

/// Why an ask is not worth making, given everything that was sent before it, in order. Calls that would be rejected and
/// calls that would be worked on are told apart: a guard that answers says nothing of the work behind it. So are
/// addresses and ports: a dead one says nothing of the others. A burst that strains a service on purpose looks for its limit,
/// and is not put off by having found it.
pub(crate) fn given_up(ask: &Ask, before: &[Exchange]) -> Option<Denied> {
    let strains = matches!(ask, Ask::Burst { each, .. } if each.effect == Effect::Hostile);
    let mut probes = ask.probes().into_iter();
    probes.find_map(|probe| given_up_on(probe, strains, before))
}

fn given_up_on(probe: &Probe, strains: bool, before: &[Exchange]) -> Option<Denied> {
    if probe.within_ms.is_some() {
        // Whoever says how long to wait says how often, too.
        return None;
    }
    let operation = probe.operation();
    let latest = before.iter().rev().filter(|exchange| {
        let other = &exchange.probe;
        let alike = (other.effect, other.to, other.wire) == (probe.effect, probe.to, probe.wire);
        alike && !exchange.woke() && other.operation() == operation
    });
    let latest: Vec<&Exchange> = last_attempts(latest).take(MOST).collect();
    let all =
        |kept: fn(&Exchange) -> bool| latest.len() == MOST && latest.iter().all(|exchange| kept(exchange));
    let what = if all(met_its_deadline) {
        "met its deadline"
    } else if all(was_limited) && !strains {
        "refused what was asked because it was too much (HTTP 429)"
    } else {
        return None;
    };
    Some(Denied {
        why: Why::GaveUp,
        reason: format!("{operation} {what} {MOST} times in a row, and was not asked again"),
        flag: None,
    })
}

/// The last attempt of each request, of attempts that come latest first.
fn last_attempts<'e>(attempts: impl Iterator<Item = &'e Exchange>) -> impl Iterator<Item = &'e Exchange> {
    let mut known = None;
    attempts.filter(move |exchange| {
        let request = Some((exchange.id, exchange.step, exchange.copy));
        std::mem::replace(&mut known, request) != request
    })
}

fn was_limited(exchange: &Exchange) -> bool {
    exchange.answer().is_some_and(is_limit)
}

fn met_its_deadline(exchange: &Exchange) -> bool {
    match &exchange.reply {
        Outcome::Failed(error) => error.fault == WireFault::TimedOut,
        Outcome::Answered(reply) => reply.body.end == End::Deadline,
        Outcome::Heard(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks::inert;
    use crate::check::testing::{answered, call, failed, target};
    use crate::model::exchange::{Asker, Phase, WARM_UP};

    fn given_up(probe: &Probe, before: &[Exchange]) -> Option<Denied> {
        super::given_up(&Ask::One(probe.clone()), before)
    }

    fn probe(effect: Effect, again: u16) -> Probe {
        Probe {
            effect,
            again,
            ..inert(&target(), &call(), None)
        }
    }

    fn late(id: u32, effect: Effect) -> Exchange {
        failed(id, &probe(effect, 0), Phase::Wait, WireFault::TimedOut)
    }

    #[test]
    fn three_in_a_row_are_enough_and_two_are_not() {
        let paid = |id| late(id, Effect::Paid);
        let next = probe(Effect::Paid, 7);
        assert_eq!(given_up(&next, &[paid(0), paid(1)]), None);
        let denied = given_up(&next, &[paid(0), paid(1), paid(2)]).unwrap();
        assert_eq!(denied.why, Why::GaveUp);
        assert!(
            denied
                .reason
                .starts_with("POST /summaries met its deadline 3 times in a row")
        );
    }

    #[test]
    fn one_that_answers_in_between_starts_it_anew() {
        let answer = answered(2, &probe(Effect::Paid, 0), 200, &[], "{}");
        let seen = [
            late(0, Effect::Paid),
            late(1, Effect::Paid),
            answer,
            late(3, Effect::Paid),
        ];
        assert_eq!(given_up(&probe(Effect::Paid, 7), &seen), None);
    }

    #[test]
    fn what_would_be_rejected_says_nothing_of_what_would_be_worked_on() {
        let seen = [0, 1, 2].map(|id| late(id, Effect::Inert));
        assert_eq!(given_up(&probe(Effect::Paid, 7), &seen), None);
        assert!(given_up(&probe(Effect::Inert, 7), &seen).is_some());
    }

    #[test]
    fn a_dead_address_says_nothing_of_the_others() {
        let dead = Probe {
            to: Some([192, 0, 2, 1].into()),
            ..probe(Effect::Read, 0)
        };
        let seen = [0, 1, 2].map(|id| failed(id, &dead, Phase::Connect, WireFault::TimedOut));
        assert_eq!(given_up(&probe(Effect::Read, 0), &seen), None);
        assert!(given_up(&dead, &seen).is_some());
    }

    #[test]
    fn a_burst_that_strains_goes_on_once_it_found_the_limit_and_nothing_else_does() {
        let burst = |effect| Ask::Burst {
            each: probe(effect, 7),
            n: 4,
            at_once: 4,
            beside: None,
        };
        let limited = |effect| [0, 1, 2].map(|id| answered(id, &probe(effect, 0), 429, &[], ""));
        assert_eq!(
            super::given_up(&burst(Effect::Hostile), &limited(Effect::Hostile)),
            None
        );
        assert!(given_up(&probe(Effect::Hostile, 7), &limited(Effect::Hostile)).is_some());
        assert!(super::given_up(&burst(Effect::Paid), &limited(Effect::Paid)).is_some());
        let waiting = [0, 1, 2].map(|id| late(id, Effect::Hostile));
        assert!(super::given_up(&burst(Effect::Hostile), &waiting).is_some());
    }

    #[test]
    fn what_is_limited_three_times_is_not_asked_more_and_a_repeated_attempt_is_one_time() {
        let limited = |id, attempt| Exchange {
            attempt,
            ..answered(id, &probe(Effect::Inert, 0), 429, &[], "")
        };
        let next = probe(Effect::Inert, 7);
        let once = [limited(0, 1), limited(0, 2), limited(1, 1), limited(1, 2)];
        assert_eq!(given_up(&next, &once), None);
        let denied = given_up(&next, &[limited(0, 1), limited(1, 1), limited(2, 1)]).unwrap();
        assert!(
            denied.reason.contains("429) 3 times in a row"),
            "{}",
            denied.reason
        );
        let worked = answered(2, &probe(Effect::Inert, 0), 401, &[], "");
        assert_eq!(
            given_up(&next, &[limited(0, 1), limited(1, 1), limited(2, 1), worked]),
            None
        );
    }

    #[test]
    fn a_start_that_took_its_time_is_no_deadline_met() {
        let woken = |id| Exchange {
            askers: vec![Asker(WARM_UP.into())],
            ..late(id, Effect::Read)
        };
        assert_eq!(given_up(&probe(Effect::Read, 7), &[0, 1, 2].map(woken)), None);
        assert!(
            given_up(
                &probe(Effect::Read, 7),
                &[0, 1, 2].map(|id| late(id, Effect::Read))
            )
            .is_some()
        );
    }
}
