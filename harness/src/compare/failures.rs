//! Failures by check and subject. A check that one of the runs did not judge says nothing about what is new or gone.

use std::collections::BTreeMap;

use crate::model::diff::{Failed, Failures};
use crate::model::finding::Finding;
use crate::model::run::{CheckOutcome, Run};

/// Failures of both runs, each list in order.
pub(super) fn failures(before: &Run, after: &Run) -> Failures {
    // What somebody answers for is there all the same: it is neither mended now nor new once its day is over.
    let (old, new) = (standing(before), failed(after));
    let still = standing(after);
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
        .filter(|(key, failure)| !still.contains_key(*key) && judged(after, &failure.check));
    sorted.gone = gone.map(|(_, failure)| failure.clone()).collect();
    sorted
}

fn failed(run: &Run) -> BTreeMap<(&str, &str), Failed> {
    named(run, Finding::fails)
}

fn standing(run: &Run) -> BTreeMap<(&str, &str), Failed> {
    named(run, |finding| finding.fails() || finding.waived.is_some())
}

fn named(run: &Run, wanted: impl Fn(&Finding) -> bool) -> BTreeMap<(&str, &str), Failed> {
    let failing = run.findings.iter().filter(|finding| wanted(finding));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Severity;
    use crate::report::fixtures::broken::missing_await;

    #[test]
    fn what_somebody_answers_for_is_not_mended_and_not_new_once_the_day_is_over() {
        let failing = missing_await();
        let mut waived = failing.clone();
        for finding in waived.findings.iter_mut().filter(|finding| finding.fails()) {
            (finding.waived, finding.severity) = (Some(finding.severity), Severity::Advisory);
        }
        let now = failures(&failing, &waived);
        assert_eq!((now.new.len(), now.gone.len(), now.same.len()), (0, 0, 0));
        let over = failures(&waived, &failing);
        assert_eq!((over.new.len(), over.gone.len()), (0, 0));
        assert!(!over.same.is_empty());
    }
}
