//! Failures by check and subject. A check that one of the runs did not judge says nothing about what is new or gone.

use std::collections::BTreeMap;

use crate::model::diff::{Failed, Failures};
use crate::model::run::{CheckOutcome, Run};

/// Failures of both runs, each list in order.
pub(super) fn failures(before: &Run, after: &Run) -> Failures {
    let (old, new) = (failed(before), failed(after));
    let mut sorted = Failures::default();
    for (key, failure) in &new {
        let list = match old.contains_key(key) {
            true => &mut sorted.same,
            false if judged(before, &failure.check) => &mut sorted.new,
            false => &mut sorted.unknown,
        };
        list.push(failure.clone());
    }
    let gone = old
        .iter()
        .filter(|(key, failure)| !new.contains_key(*key) && judged(after, &failure.check));
    sorted.gone = gone.map(|(_, failure)| failure.clone()).collect();
    sorted
}

fn failed(run: &Run) -> BTreeMap<(&str, &str), Failed> {
    let failing = run.findings.iter().filter(|finding| finding.fails());
    let named = failing.map(|finding| {
        let failed = Failed {
            check: finding.check.clone(),
            subject: finding.subject.clone(),
            title: finding.title.clone(),
        };
        ((finding.check.as_str(), finding.subject.as_str()), failed)
    });
    named.collect()
}

/// Whether a run looked at what a check is about.
fn judged(run: &Run, check: &str) -> bool {
    let of = run.checks.iter().find(|result| result.check == check);
    of.is_some_and(|result| {
        result.judged > 0 && !matches!(result.outcome, CheckOutcome::Skipped | CheckOutcome::Blocked)
    })
}
