//! What an answer makes of a step. Pure.

use crate::drive::scenario::page;
use crate::drive::scenario::values::Scene;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, WireFault};
use crate::model::journey::Unmet;
use crate::model::run::CheckOutcome;
use crate::scenario::document::{Criterion, Step};
use crate::scenario::judge;

/// What became of a try, and why when that is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: CheckOutcome,
    pub(super) reason: Option<String>,
    pub(super) unmet: Vec<Unmet>,
    /// Whether the workflow goes on as after a success.
    pub(super) goes_on: bool,
}

impl Verdict {
    fn new(outcome: CheckOutcome, reason: impl Into<String>) -> Verdict {
        Verdict {
            outcome,
            reason: Some(reason.into()),
            unmet: Vec::new(),
            goes_on: false,
        }
    }
}

/// Judges a step by its last exchange.
pub(super) fn of(step: &Step, exchange: &Exchange, scene: &Scene<'_>) -> Verdict {
    if let Some(why) = late(step, exchange) {
        return Verdict::new(CheckOutcome::Fail, why);
    }
    if let Some(failure) = exchange.failure() {
        let outcome = match failure.fault {
            WireFault::Stopped | WireFault::Ours => CheckOutcome::Inconclusive,
            _ => CheckOutcome::Fail,
        };
        return Verdict::new(outcome, format!("there was no answer: {}", failure.detail));
    }
    let status = exchange.status().unwrap_or_default();
    let unmet = unmet(&step.criteria, scene);
    if !unmet.is_empty() {
        let reason = match unmet.len() {
            1 => format!("the answer {status} does not meet its criterion"),
            several => format!("the answer {status} does not meet {several} of its criteria"),
        };
        return Verdict {
            unmet,
            ..Verdict::new(CheckOutcome::Fail, reason)
        };
    }
    if exchange.is_server_error() && step.ours.expect_5xx.is_none() {
        return Verdict::new(
            CheckOutcome::Fail,
            format!("it was answered {status}, and a server error is never right"),
        );
    }
    if let Some(why) = page::hides(exchange) {
        return Verdict::new(CheckOutcome::Fail, why);
    }
    if step.criteria.is_empty() {
        let reason = format!("it was answered {status}, and no criterion says whether that is right");
        return Verdict {
            goes_on: true,
            ..Verdict::new(CheckOutcome::Inconclusive, reason)
        };
    }
    Verdict {
        outcome: CheckOutcome::Pass,
        reason: None,
        unmet: Vec::new(),
        goes_on: true,
    }
}

/// What is said of an answer that did not come, or not whole, within the step's `timeout` (Arazzo 1.1, Step Object).
fn late(step: &Step, exchange: &Exchange) -> Option<String> {
    let most = step.timeout?;
    let cut = exchange
        .answer()
        .is_some_and(|reply| reply.body.end == End::Deadline);
    let absent = exchange
        .failure()
        .is_some_and(|failure| failure.fault == WireFault::TimedOut);
    let took = exchange.phases.total() / 1000;
    if absent {
        return Some(format!("there was no answer within its timeout of {most} ms"));
    }
    (cut || took > most).then(|| format!("the answer took {took} ms or more, and its timeout is {most} ms"))
}

/// The criteria that do not hold, with their parts.
pub(super) fn unmet(criteria: &[Criterion], scene: &Scene<'_>) -> Vec<Unmet> {
    let judged = criteria
        .iter()
        .map(|criterion| (criterion, judge::criterion(criterion, scene)));
    let unmet = judged.filter(|(_, judged)| !judged.holds);
    unmet
        .map(|(criterion, judged)| Unmet {
            condition: match &criterion.context {
                Some(context) => format!("{}: {}", context.value, criterion.condition.value),
                None => criterion.condition.value.clone(),
            },
            parts: judged.parts,
        })
        .collect()
}
