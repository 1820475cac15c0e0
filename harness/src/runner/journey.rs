//! What became of a scenario as results and findings, so that every format, exit code and cause treats a step as it treats any
//! other check. Pure.

use std::collections::HashSet;

use crate::model::exchange::Xid;
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::journey::{Journey, Passage};
use crate::model::recording::Recording;
use crate::model::run::{CheckOutcome, CheckResult};
use crate::report::text;

/// What to do about a step that failed.
const HINT: &str =
    "compare what the step expects with what the service means to answer, and mend whichever is wrong";

/// The results of all steps, and a finding for each that failed.
pub(crate) fn judged(recording: &Recording) -> (Vec<CheckResult>, Vec<Finding>) {
    let mut results = Vec::new();
    let mut findings = Vec::new();
    for journey in &recording.journeys {
        for passage in &journey.steps {
            results.push(result(journey, passage));
            findings.extend(finding(journey, passage));
        }
    }
    (results, findings)
}

/// Exchanges whose server error the scenario says to be right, and why.
pub(crate) fn expected(recording: &Recording) -> HashSet<Xid> {
    let steps = recording.journeys.iter().flat_map(|journey| &journey.steps);
    let met = steps.filter(|passage| passage.expects_5xx.is_some() && passage.outcome == CheckOutcome::Pass);
    met.flat_map(|passage| passage.exchanges.last())
        .copied()
        .collect()
}

fn id(journey: &Journey, passage: &Passage) -> String {
    format!("scenario/{}.{}", journey.workflow, passage.step)
}

fn result(journey: &Journey, passage: &Passage) -> CheckResult {
    CheckResult {
        check: id(journey, passage),
        title: format!(
            "Step {} of {} ({}) does what its criteria say",
            passage.step, journey.workflow, passage.call
        ),
        layer: Layer::Journey,
        severity: Severity::Blocker,
        outcome: passage.outcome,
        judged: u32::try_from(passage.exchanges.len()).unwrap_or(u32::MAX),
        // Of a failure the finding tells.
        reason: passage
            .reason
            .clone()
            .filter(|_| passage.outcome != CheckOutcome::Fail),
        flag: passage.flag.clone(),
    }
}

fn finding(journey: &Journey, passage: &Passage) -> Option<Finding> {
    if passage.outcome != CheckOutcome::Fail {
        return None;
    }
    let reason = passage.reason.as_deref().unwrap_or("it failed");
    let conditions: Vec<&str> = passage
        .unmet
        .iter()
        .map(|unmet| unmet.condition.as_str())
        .collect();
    let parts: Vec<String> = passage.unmet.iter().map(|unmet| unmet.parts.join("; ")).collect();
    Some(Finding {
        check: id(journey, passage),
        outcome: Verdict::Fail,
        severity: Severity::Blocker,
        layer: Layer::Journey,
        subject: passage.call.clone(),
        title: format!(
            "Step {} of {}, {}, failed: {reason}",
            passage.step, journey.workflow, passage.call
        ),
        expected: conditions.join("; and "),
        actual: parts.join("; "),
        hint: HINT.to_owned(),
        exchanges: passage.exchanges.last().copied().into_iter().collect(),
        count: 1,
        explained_by: None,
        waived: None,
        help: None,
    })
}

/// The headline of a run in which every step did what it should, or which could not find out.
pub(crate) fn headline(recording: &Recording, verdict: Verdict) -> Option<String> {
    let journeys = &recording.journeys;
    if journeys.is_empty() {
        return None;
    }
    let steps = || journeys.iter().flat_map(|journey| &journey.steps);
    let count = |n: usize, one: &str, many: &str| text::count(n as u64, one, many);
    match verdict {
        Verdict::Pass => {
            let passed = steps().filter(|step| step.outcome == CheckOutcome::Pass).count();
            let workflows = count(journeys.len(), "workflow", "workflows");
            Some(match (passed, steps().count() - passed) {
                (1, 0) => format!("The one step of {workflows} did what its criteria say"),
                (passed, 0) => format!(
                    "All {} of {workflows} did what their criteria say",
                    count(passed, "step", "steps")
                ),
                (passed, left) => format!(
                    "{} of {workflows} did what their criteria say, and {} not called for",
                    count(passed, "step", "steps"),
                    count(left, "was", "were")
                ),
            })
        }
        Verdict::Inconclusive => {
            let open = |journey: &&Journey| journey.outcome == CheckOutcome::Inconclusive;
            let journey = journeys.iter().find(open)?;
            let step = journey
                .steps
                .iter()
                .find(|step| step.outcome == CheckOutcome::Inconclusive);
            let place = step.map_or_else(
                || format!("Whether {} works", journey.workflow),
                |step| format!("Whether step {} of {} works", step.step, journey.workflow),
            );
            let reason = step
                .and_then(|step| step.reason.as_deref())
                .or(journey.reason.as_deref());
            let flag = step.and_then(|step| step.flag.as_deref());
            let flag = flag
                .map(|flag| format!("; {flag} would show it"))
                .unwrap_or_default();
            Some(format!(
                "{place} could not be found out: {}{flag}",
                reason.unwrap_or("it was not run")
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::target::Target;

    fn passage(step: &str, outcome: CheckOutcome) -> Passage {
        Passage {
            step: step.into(),
            call: "GET /x".into(),
            outcome,
            status: Some(500),
            tries: 1,
            took_ms: None,
            reason: Some("it was not allowed".into()),
            flag: Some("--allow writes".into()),
            unmet: Vec::new(),
            expects_5xx: Some("it says so".into()),
            exchanges: vec![Xid(1), Xid(2)],
        }
    }

    fn recording(steps: Vec<Passage>) -> Recording {
        let mut recording = Recording::of(Target::bare("http://x"), Vec::new(), Timestamp::UNIX_EPOCH);
        recording.journeys = vec![Journey {
            file: "s.yaml".into(),
            workflow: "w".into(),
            outcome: steps[0].outcome,
            reason: None,
            steps,
        }];
        recording
    }

    #[test]
    fn a_step_is_a_check_and_a_failed_one_a_finding() {
        let recording = recording(vec![
            passage("a", CheckOutcome::Fail),
            passage("b", CheckOutcome::Pass),
        ]);
        let (results, findings) = judged(&recording);
        let ids: Vec<&str> = results.iter().map(|result| result.check.as_str()).collect();
        assert_eq!(ids, ["scenario/w.a", "scenario/w.b"]);
        assert_eq!((findings.len(), findings[0].fails()), (1, true));
        assert_eq!(
            findings[0].exchanges,
            [Xid(2)],
            "the last try is what it failed with"
        );
    }

    #[test]
    fn a_server_error_is_spared_where_it_was_expected_and_met() {
        let met = recording(vec![passage("a", CheckOutcome::Pass)]);
        assert!(
            expected(&met).contains(&Xid(2)) && !expected(&met).contains(&Xid(1)),
            "and no other try"
        );
        assert!(expected(&recording(vec![passage("a", CheckOutcome::Fail)])).is_empty());
        let mut unsaid = passage("a", CheckOutcome::Pass);
        unsaid.expects_5xx = None;
        assert!(expected(&recording(vec![unsaid])).is_empty());
    }

    #[test]
    fn the_headline_counts_what_passed_and_names_what_would_show_the_rest() {
        let of = |outcome, verdict| headline(&recording(vec![passage("a", outcome)]), verdict);
        let passed = "The one step of 1 workflow did what its criteria say";
        assert_eq!(of(CheckOutcome::Pass, Verdict::Pass).unwrap(), passed);
        let partly = recording(vec![
            passage("a", CheckOutcome::Pass),
            passage("b", CheckOutcome::Skipped),
        ]);
        let partly = headline(&partly, Verdict::Pass).unwrap();
        assert!(partly.ends_with("and 1 was not called for"), "{partly}");
        let open = "Whether step a of w works could not be found out: it was not allowed; --allow writes would show it";
        assert_eq!(
            of(CheckOutcome::Inconclusive, Verdict::Inconclusive).unwrap(),
            open
        );
        assert_eq!(
            of(CheckOutcome::Fail, Verdict::Fail),
            None,
            "the cause, or the finding, says more"
        );
    }
}
