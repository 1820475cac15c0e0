//! Whether a finished run may be acted on: rolling back helps only when this deploy broke what the last one did not. Pure.
//!
//! Everything that is in doubt holds the hand: a rollback for a provider's outage, an expired test token or a blocked runner
//! makes a second incident of the first.

use crate::model::diagnosis::{Blame, Confidence};
use crate::model::diff::{Baseline, Side};
use crate::model::finding::{Finding, Verdict};
use crate::model::run::Run;
use crate::runner::prove;

/// Why `--on-fail` does not run after this run; none when the deploy is to blame, it was through, and the last baseline was
/// green.
pub fn held_back(run: &Run) -> Option<String> {
    if run.interrupted {
        return Some("the run was interrupted".to_owned());
    }
    unsettled(run)
        .or_else(|| innocent(run))
        .or_else(|| no_way_back(run))
}

/// What is wrong while builds change may be of either.
fn unsettled(run: &Run) -> Option<String> {
    match &run.rollout {
        None => Some("nobody watched whether the deploy is through".to_owned()),
        Some(rollout) if !rollout.is_settled() => Some("the deploy is not through".to_owned()),
        Some(_) => None,
    }
}

/// Nothing failed, or not by this deploy's fault as far as is known.
fn innocent(run: &Run) -> Option<String> {
    if run.verdict != Verdict::Fail {
        return Some(format!(
            "the verdict is {}, not fail",
            run.verdict.word().to_lowercase()
        ));
    }
    let Some(first) = run.diagnoses.first() else {
        return Some("no cause is known of what failed".to_owned());
    };
    let failed = |finding: &&Finding| prove::weight(finding, false) == Verdict::Fail;
    if !run
        .findings
        .iter()
        .filter(failed)
        .any(|finding| first.covers(finding))
    {
        return Some(format!(
            "what failed is not explained by the cause ({})",
            first.cause
        ));
    }
    if first.blame != Blame::Deploy {
        return Some(format!(
            "the cause ({}) lies with {}",
            first.cause,
            first.blame.word()
        ));
    }
    (first.confidence == Confidence::Possible)
        .then(|| format!("the cause ({}) is only one of several that fit", first.cause))
}

/// The run before is not known to have been any better.
fn no_way_back(run: &Run) -> Option<String> {
    match &run.baseline {
        None => Some("the run is compared with no earlier one".to_owned()),
        Some(Baseline::Absent(_)) => {
            Some("there is no baseline yet, so nothing is known to go back to".to_owned())
        }
        Some(Baseline::Compared(diff)) => match diff.before.verdict {
            Some(Verdict::Pass) => unlike(&diff.before, &diff.after),
            Some(verdict) => Some(format!(
                "the baseline was not green either, but {}",
                verdict.word().to_lowercase()
            )),
            None => Some("the baseline has no verdict".to_owned()),
        },
    }
}

/// The green run was of something else, or of this very build.
fn unlike(before: &Side, after: &Side) -> Option<String> {
    if before.base != after.base {
        return Some("the baseline is of another address".to_owned());
    }
    let same = before.version.is_some() && before.version == after.version;
    same.then(|| "the baseline was green with this very build".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rollout::Ended;
    use crate::report::fixtures;
    use crate::report::fixtures::rollout::rollout;

    /// A run that failed by its deploy's fault, after one that was green.
    fn guilty() -> Run {
        let mut run = fixtures::broken::missing_await();
        assert_eq!(
            (run.verdict, run.diagnoses[0].blame),
            (Verdict::Fail, Blame::Deploy)
        );
        run.rollout = Some(rollout(Ended::Settled));
        let mut diff = fixtures::odd::difference(&run.target.base);
        diff.before.version = Some("1111111".into());
        run.baseline = Some(Baseline::Compared(Box::new(diff)));
        run
    }

    fn side(run: &mut Run, change: impl FnOnce(&mut Side, &mut Side)) {
        if let Some(Baseline::Compared(diff)) = run.baseline.as_mut() {
            change(&mut diff.before, &mut diff.after);
        }
    }

    #[test]
    fn a_settled_deploy_that_broke_what_was_green_is_acted_on() {
        assert_eq!(held_back(&guilty()), None);
    }

    #[test]
    fn nobody_elses_fault_is_acted_on() {
        for blame in [
            Blame::Upstream,
            Blame::Credential,
            Blame::Edge,
            Blame::Checker,
            Blame::Unknown,
        ] {
            let mut run = guilty();
            run.diagnoses[0].blame = blame;
            let told = held_back(&run).unwrap();
            assert!(told.contains(blame.word()), "{told}");
        }
        let mut run = guilty();
        run.diagnoses[0].confidence = Confidence::Possible;
        assert!(held_back(&run).is_some());
        run.diagnoses.clear();
        assert!(held_back(&run).is_some(), "no cause is no guilt");
        let mut run = guilty();
        run.diagnoses[0].explains.clear();
        assert!(held_back(&run).is_some(), "a cause of something else is no guilt");
    }

    #[test]
    fn without_a_green_run_of_another_build_there_is_nothing_to_go_back_to() {
        let ways: [&dyn Fn(&mut Run); 6] = [
            &|run| run.baseline = None,
            &|run| run.baseline = Some(Baseline::Absent("last.json".into())),
            &|run| side(run, |before, _| before.verdict = Some(Verdict::Fail)),
            &|run| side(run, |before, _| before.verdict = None),
            &|run| side(run, |before, after| before.version.clone_from(&after.version)),
            &|run| {
                side(run, |before, _| {
                    before.base = Some("https://other.example".into())
                })
            },
        ];
        for (n, way) in ways.iter().enumerate() {
            let mut run = guilty();
            way(&mut run);
            assert!(held_back(&run).is_some(), "way {n}");
        }
        let mut unsaid = guilty();
        side(&mut unsaid, |before, _| before.version = None);
        assert_eq!(held_back(&unsaid), None, "a build that nobody names may differ");
    }

    #[test]
    fn what_is_not_through_or_did_not_fail_is_left_alone() {
        let ways: [&dyn Fn(&mut Run); 4] = [
            &|run| run.rollout = None,
            &|run| run.rollout = Some(rollout(Ended::NotDeployed)),
            &|run| run.interrupted = true,
            &|run| run.verdict = Verdict::Inconclusive,
        ];
        for (n, way) in ways.iter().enumerate() {
            let mut run = guilty();
            way(&mut run);
            assert!(held_back(&run).is_some(), "way {n}");
        }
    }
}
