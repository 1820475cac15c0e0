//! The run in a few lines, for a pipeline's log and for a chat: the verdict, then one line for each check that is not good, the
//! worst first; and what somebody answers for, even on a pass.

use crate::model::finding::{Severity, Verdict};
use crate::model::run::{CheckOutcome, Run};
use crate::report::standing::{self, Case, Standing};
use crate::report::text::{self, NAME, SENTENCE};
use crate::report::waivers;

/// The longest line.
const LINE: usize = 200;

/// The report of a run.
pub fn render(run: &Run) -> String {
    let headline = text::line(&run.headline, SENTENCE);
    let mut lines = vec![format!("{}  {headline}", run.verdict.word())];
    if run.interrupted {
        lines.push("!  the run was stopped before it was done".to_owned());
    }
    let mut cases: Vec<Case<'_>> = standing::cases(run).filter(|case| tells(run, case)).collect();
    cases.sort_by_key(|case| (mark(case).1, std::cmp::Reverse(case.check.severity)));
    lines.extend(cases.iter().map(line));
    let waived = waivers::lines(run);
    lines.extend(waived.iter().map(|waived| format!("~  waived  {waived}")));
    if !cases.is_empty() {
        lines.push("   greenlight explain ID  says more of each".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Whether a check has a line: what never decides has none, unless it decided.
fn tells(run: &Run, case: &Case<'_>) -> bool {
    match case.standing {
        Standing::Failed | Standing::Unknown(_) | Standing::Flaky => true,
        Standing::Remarked => {
            let degraded = |severity| severity >= Severity::Major || run.verdict == Verdict::Degraded;
            case.check.outcome != CheckOutcome::Pass
                && case.findings.iter().any(|finding| degraded(finding.severity))
        }
        Standing::Good | Standing::Skipped(_) => false,
    }
}

/// The mark of a line, and where it stands.
fn mark(case: &Case<'_>) -> (&'static str, u8) {
    match case.standing {
        Standing::Failed => ("×", 0),
        Standing::Unknown(_) => ("?", 1),
        _ => ("~", 2),
    }
}

fn line(case: &Case<'_>) -> String {
    let said = match (standing::worst(&case.findings), &case.standing) {
        (Some(finding), _) => text::line(&finding.title, SENTENCE),
        (None, Standing::Unknown(reason)) => format!("{}: {reason}", text::line(&case.check.title, SENTENCE)),
        (None, _) => text::line(&case.check.title, SENTENCE),
    };
    let more = match case.findings.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let said = text::line(&said, LINE);
    format!(
        "{}  {}  {said}{more}",
        mark(case).0,
        text::line(&case.check.check, NAME)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn a_pass_is_its_verdict_and_nothing_else() {
        assert_eq!(render(&fixtures::healthy()).lines().count(), 1);
    }

    #[test]
    fn a_check_that_fails_has_one_line_whatever_it_found() {
        let text = render(&fixtures::odd::many_findings());
        assert_eq!(text.matches("contract/conforms").count(), 1, "{text}");
        assert!(text.contains("(and 13 more)"), "{text}");
    }

    #[test]
    fn what_is_not_proven_says_so() {
        let text = render(&fixtures::broken::unproven());
        assert!(text.contains("?  auth/good-token-accepted"), "{text}");
    }

    #[test]
    fn a_failing_run_in_short() {
        insta::assert_snapshot!(render(&fixtures::odd::many_findings()));
    }
}
