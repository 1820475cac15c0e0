//! Two recordings side by side: what fails now and did not, and what an unchanged request is answered otherwise.
//!
//! The room exists so that a deploy can be held against the last good one without crying wolf: what differs between any two
//! healthy runs (dates, request ids, cookies, instances, tags, lengths, builds) is not a change. Pure: two recordings and
//! their verdicts go in, a [`Diff`] comes out. `verify --baseline` and `greenlight diff` are the same comparison.

mod body;
mod contracts;
mod failures;
mod headers;
mod latency;
mod pairs;
mod rank;
mod unlike;

#[cfg(test)]
mod tests;

pub use contracts::contracts;

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::pairs::Pairs;
use crate::model::diff::{Baseline, Change, Cost, Diff, Kind, SCHEMA, Side};
use crate::model::finding::Verdict;
use crate::model::recording::{Recording, Tool};
use crate::model::run::Run;

/// The most changes of one kind that are kept.
const MOST: usize = 100;

/// A recording and what it is worth today.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'r> {
    /// Where it came from, for people.
    pub source: &'r str,
    /// What was seen.
    pub recording: &'r Recording,
    /// What that is worth.
    pub run: &'r Run,
}

impl Judged<'_> {
    fn side(self) -> Side {
        Side {
            source: self.source.to_owned(),
            base: Some(self.run.target.base.clone()),
            version: self.run.target.version.clone(),
            at: Some(self.recording.started_at),
            verdict: Some(self.run.verdict),
        }
    }
}

/// What changed from the earlier run to the later one.
pub fn recordings(before: Judged<'_>, after: Judged<'_>) -> Diff {
    let pairs = Pairs::of(before.recording, after.recording);
    let unlike = unlike::unlike(before.recording, after.recording);
    let (drift, documented) = contracts::of_recordings(before.recording, after.recording);
    let mut changes = drift;
    changes.extend(pairs.statuses());
    changes.extend(headers::changed(&pairs));
    changes.extend(body::changed(&pairs, documented));
    if unlike.is_empty() {
        changes.extend(latency::changed(&pairs));
    }
    Diff {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        before: before.side(),
        after: after.side(),
        failures: failures::failures(before.run, after.run),
        changes: sorted(changes),
        unlike,
    }
}

/// Writes into a run how it compares. A change makes it at most *degraded*, whatever the change is: what must not be is a
/// failure of a check, and fails with or without a baseline.
pub fn weigh(run: &mut Run, diff: Diff) {
    if let Some(worst) = diff.worst().filter(|_| run.verdict < Verdict::Degraded) {
        run.verdict = Verdict::Degraded;
        let lead = match worst.cost {
            Cost::Breaking => "Changed since the baseline",
            Cost::Worse | Cost::Nothing => "Worse than the baseline",
        };
        run.headline = format!("{lead}: {}", worst.statement);
    }
    run.baseline = Some(Baseline::Compared(Box::new(diff)));
}

/// The costliest first, then by kind and subject; no more of a kind than can be read.
fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    let key = |change: &Change| {
        (
            change.cost,
            change.kind,
            change.subject.clone(),
            change.statement.clone(),
        )
    };
    changes.sort_by_cached_key(key);
    let mut kept: Vec<Change> = Vec::new();
    for change in changes {
        let same = |other: &&Change| other.kind == change.kind;
        if kept.iter().filter(same).count() < MOST {
            kept.push(change);
        }
    }
    kept
}

/// Changes of answers, each with the operations at which it was seen.
#[derive(Default)]
struct Seen(BTreeMap<(Cost, String), BTreeSet<String>>);

impl Seen {
    /// Notes a change at an operation.
    fn at(&mut self, operation: &str, change: (Cost, String)) {
        self.0.entry(change).or_default().insert(operation.to_owned());
    }

    /// The changes, each once.
    fn told(self, kind: Kind) -> Vec<Change> {
        let told = self.0.into_iter().map(|((cost, what), operations)| {
            let subject = operations.first().cloned().unwrap_or_default();
            let others = match operations.len() {
                0 | 1 => String::new(),
                more => format!(" and {} more", more - 1),
            };
            Change {
                cost,
                kind,
                statement: format!("{subject}{others}: {what}"),
                subject,
                count: u32::try_from(operations.len()).unwrap_or(u32::MAX),
            }
        });
        told.collect()
    }
}
