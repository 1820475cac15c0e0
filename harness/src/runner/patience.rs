//! When to stop asking: an operation that keeps a caller waiting to the deadline again and again has said what it will say,
//! and asking on only makes whoever runs Greenlight wait for the same answer. Pure.

use crate::model::capture::End;
use crate::model::exchange::{Exchange, Outcome, WireFault};
use crate::model::probe::Probe;
use crate::model::refusal::Why;
use crate::runner::budget::Denied;

/// An operation is given up after so many calls of the same effect in a row that met their deadline: three show that it
/// is no accident.
const MOST: usize = 3;

/// Why a probe is not worth sending, given everything that was sent before it, in order. Calls that would be rejected and
/// calls that would be worked on are told apart: a guard that answers says nothing of the work behind it. So are
/// addresses and ports: a dead one says nothing of the others.
pub(crate) fn given_up(probe: &Probe, before: &[Exchange]) -> Option<Denied> {
    let operation = probe.operation();
    let mut latest = before
        .iter()
        .rev()
        .filter(|exchange| {
            let other = &exchange.probe;
            let alike = (other.effect, other.to, other.wire) == (probe.effect, probe.to, probe.wire);
            alike && other.operation() == operation
        })
        .take(MOST);
    let late = latest
        .by_ref()
        .take_while(|exchange| met_its_deadline(exchange))
        .count();
    (late == MOST).then(|| Denied {
        why: Why::GaveUp,
        reason: format!("{operation} met its deadline {MOST} times in a row, and was not asked again"),
        flag: None,
    })
}

fn met_its_deadline(exchange: &Exchange) -> bool {
    match &exchange.reply {
        Outcome::Failed(error) => error.fault == WireFault::TimedOut,
        Outcome::Answered(reply) => reply.body.end == End::Deadline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks::inert;
    use crate::check::testing::{answered, call, failed, target};
    use crate::model::exchange::Phase;
    use crate::model::probe::Effect;

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
}
