//! Answers of two runs to the same request.
//!
//! A request is the same when its probe is, whichever connection carried it and how often it was repeated. Left out is
//! what says nothing about the service at rest: what only woke it, bursts, and requests that strain it on purpose.

use std::collections::{BTreeSet, HashMap};

use crate::compare::Seen;
use crate::model::diff::{Change, Cost, Kind};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Conn, Effect, Probe};
use crate::model::recording::Recording;

/// An answer and the exchange that it belongs to.
pub(super) type Answer<'r> = (&'r Exchange, &'r Reply);

/// One request, and how each run saw it answered, in the order of sending.
#[derive(Debug)]
pub(super) struct Pair<'r> {
    /// `METHOD path`.
    pub(super) operation: String,
    /// Answers of the earlier run; at least one.
    pub(super) before: Vec<Answer<'r>>,
    /// Answers of the later run; at least one.
    pub(super) after: Vec<Answer<'r>>,
}

/// Every request that both runs made and saw answered, in the order of the earlier run.
#[derive(Debug)]
pub(super) struct Pairs<'r>(pub(super) Vec<Pair<'r>>);

impl<'r> Pairs<'r> {
    pub(super) fn of(before: &'r Recording, after: &'r Recording) -> Pairs<'r> {
        let mut later: HashMap<Probe, Vec<Answer<'r>>> = HashMap::new();
        for answer in answers(after) {
            later.entry(request(&answer.0.probe)).or_default().push(answer);
        }
        let mut pairs: Vec<Pair<'r>> = Vec::new();
        let mut places: HashMap<Probe, usize> = HashMap::new();
        for answer in answers(before) {
            let request = request(&answer.0.probe);
            if let Some(pair) = places.get(&request).and_then(|at| pairs.get_mut(*at)) {
                pair.before.push(answer);
            } else if let Some(after) = later.remove(&request) {
                let operation = request.operation();
                places.insert(request, pairs.len());
                pairs.push(Pair {
                    operation,
                    before: vec![answer],
                    after,
                });
            }
        }
        Pairs(pairs)
    }

    /// Each request with those of its answers that have the same status in both runs.
    pub(super) fn alike(&self) -> impl Iterator<Item = (u16, Pair<'r>)> + '_ {
        self.0.iter().flat_map(|pair| {
            let shared = &statuses(&pair.before) & &statuses(&pair.after);
            shared.into_iter().map(|status| {
                let of = |answers: &[Answer<'r>]| -> Vec<Answer<'r>> {
                    let with = answers.iter().filter(|(_, reply)| reply.status == status);
                    with.copied().collect()
                };
                let pair = Pair {
                    operation: pair.operation.clone(),
                    before: of(&pair.before),
                    after: of(&pair.after),
                };
                (status, pair)
            })
        })
    }

    /// Requests that are answered with other statuses than before. One that was throttled in either run is left out.
    pub(super) fn statuses(&self) -> Vec<Change> {
        let mut seen = Seen::default();
        for pair in &self.0 {
            let (before, after) = (statuses(&pair.before), statuses(&pair.after));
            if !before.is_disjoint(&after) || before.contains(&429) || after.contains(&429) {
                continue;
            }
            let classes = |statuses: &BTreeSet<u16>| -> BTreeSet<u16> {
                statuses.iter().map(|status| status / 100).collect()
            };
            let cost = if classes(&before) == classes(&after) {
                Cost::Nothing
            } else {
                Cost::Breaking
            };
            let what = format!("answered {} before, {} now", listed(&before), listed(&after));
            seen.at(&pair.operation, (cost, what));
        }
        seen.told(Kind::Status)
    }
}

fn answers(recording: &Recording) -> impl Iterator<Item = Answer<'_>> {
    let quiet = recording.exchanges.iter().filter(|exchange| {
        !exchange.woke() && exchange.copy == 0 && exchange.probe.effect != Effect::Hostile
    });
    quiet.filter_map(|exchange| Some((exchange, exchange.answer()?)))
}

/// The request itself: whoever carries it, and the how manieth it is.
fn request(probe: &Probe) -> Probe {
    Probe {
        conn: Conn::Pooled,
        to: None,
        again: 0,
        ..probe.clone()
    }
}

fn statuses(answers: &[Answer<'_>]) -> BTreeSet<u16> {
    answers.iter().map(|(_, reply)| reply.status).collect()
}

fn listed(statuses: &BTreeSet<u16>) -> String {
    let listed: Vec<String> = statuses.iter().map(u16::to_string).collect();
    listed.join(" or ")
}
