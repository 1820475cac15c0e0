//! What a fault must cost, held against a run that met it.

use crate::lab::fault::Fault;
use crate::model::finding::Verdict;
use crate::model::run::Run;

/// Whether a check found a fault as heavily as it must.
pub fn finds(run: &Run, fault: &Fault, check: &str) -> bool {
    let mut heavy = run
        .findings
        .iter()
        .filter(|finding| finding.severity >= fault.severity);
    heavy.any(|finding| finding.check == check)
}

/// Whether the cause that must be named first is; `None` for what is too light to have one.
pub fn first_cause(fault: &Fault, run: &Run) -> Option<bool> {
    let named = run.diagnoses.first().map(|one| one.cause.as_str());
    fault.cause.map(|cause| named == Some(cause))
}

/// What is wrong with how a fault was judged.
pub fn wrong(fault: &Fault, run: &Run) -> Vec<String> {
    let missed = fault.checks.iter().filter(|check| !finds(run, fault, check));
    let mut wrong: Vec<String> = missed.map(|check| format!("{check} did not find it")).collect();
    if run.verdict != fault.verdict {
        wrong.push(format!("the verdict is {}", run.verdict.word()));
    }
    if let Some(cause) = fault.cause
        && first_cause(fault, run) == Some(false)
    {
        wrong.push(format!("the cause is not {cause}"));
    }
    let blamed = run.diagnoses.first().map(|one| one.blame);
    if let Some(blame) = fault.blame.filter(|blame| blamed != Some(*blame)) {
        wrong.push(format!("{} is not blamed", blame.word()));
    }
    let named = |cause: &str| run.diagnoses.iter().any(|one| one.cause == cause);
    let unnamed = fault.also.iter().filter(|also| !named(also));
    wrong.extend(unnamed.map(|also| format!("{also} is not named as well")));
    wrong.extend(unexplained(fault, run));
    wrong.extend(unsaid(run));
    wrong
}

/// What a diagnosis leaves whoever reads it without: what was seen, where it comes from, what to do.
fn unsaid(run: &Run) -> Vec<String> {
    let said = run.diagnoses.iter().flat_map(|one| {
        let parts = [
            ("evidence", &one.evidence),
            ("likely causes", &one.likely_causes),
            ("next steps", &one.next_steps),
        ];
        let empty = |lines: &[String]| lines.iter().all(|line| line.trim().is_empty());
        let left_out = parts.into_iter().filter(move |(_, lines)| empty(lines));
        left_out.map(|(part, _)| format!("{} has no {part}", one.cause))
    });
    said.collect()
}

/// What no cause explains and must be, and which causes of the fault explain nothing. What is marked as explained by an
/// earlier cause counts for that one alone.
fn unexplained(fault: &Fault, run: &Run) -> Vec<String> {
    let open = run.findings.iter().filter(|finding| finding.fails());
    let open = open.filter(|finding| finding.explained_by.is_none());
    let mut wrong: Vec<String> = open
        .map(|finding| format!("nothing explains {} of {}", finding.check, finding.subject))
        .collect();
    wrong.dedup();
    // What ends in doubt was not found wrong: its cause says why it was not seen, which no finding is about.
    let in_doubt = run.verdict == Verdict::Inconclusive;
    let idle = fault.cause.iter().chain(fault.also).filter(|cause| {
        let mut marked = run
            .findings
            .iter()
            .filter_map(|finding| finding.explained_by.as_deref());
        !marked.any(|by| by == **cause)
    });
    wrong.extend(
        idle.filter(|_| !in_doubt)
            .map(|cause| format!("{cause} explains nothing")),
    );
    let seen_through = |check: &&&str| {
        let mut found = run.findings.iter().filter(|finding| finding.check == **check);
        found.any(|finding| finding.explained_by.as_deref() == fault.cause)
    };
    let apart = fault.hides.iter().filter(|check| !seen_through(check));
    wrong.extend(apart.map(|check| format!("{check} is not said to follow from it")));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;
    use crate::diagnosis::tests::{judged, proof};
    use crate::lab::fault::How;
    use crate::model::diagnosis::Blame;

    /// A crash that pages can read, judged.
    fn crashed() -> Run {
        judged(&target(), &[proof(1, 500, "{}")])
    }

    fn fault() -> Fault {
        Fault::new("crash", "It crashes.", How::Expected)
            .must_fail(&["errors/no-server-error"])
            .named("server-error")
    }

    #[test]
    fn a_fault_that_is_found_named_and_explained_is_right() {
        assert_eq!(wrong(&fault(), &crashed()), Vec::<String>::new());
        assert_eq!(first_cause(&fault(), &crashed()), Some(true));
    }

    #[test]
    fn a_failure_that_no_cause_explains_is_wrong() {
        let mut run = crashed();
        for finding in &mut run.findings {
            finding.explained_by = None;
        }
        let wrong = wrong(&fault(), &run);
        assert!(
            wrong
                .iter()
                .any(|line| line.starts_with("nothing explains errors/no-server-error")),
            "{wrong:?}"
        );
        assert!(
            wrong.contains(&"server-error explains nothing".to_owned()),
            "{wrong:?}"
        );
    }

    #[test]
    fn a_second_cause_that_is_absent_or_explains_nothing_is_wrong() {
        let fault = fault().and(&["vary-missing"]);
        let wrong = wrong(&fault, &crashed());
        let said = [
            "vary-missing is not named as well",
            "vary-missing explains nothing",
        ];
        assert_eq!(wrong, said);
    }

    #[test]
    fn a_cause_that_leaves_people_without_a_next_step_is_wrong() {
        let mut run = crashed();
        assert_eq!(unsaid(&run), Vec::<String>::new());
        run.diagnoses[0].next_steps = vec![" ".to_owned()];
        run.diagnoses[0].evidence.clear();
        assert_eq!(
            unsaid(&run),
            ["server-error has no evidence", "server-error has no next steps"]
        );
    }

    #[test]
    fn whoever_is_blamed_in_place_of_another_is_wrong() {
        assert_eq!(
            wrong(&fault().blaming(Blame::Deploy), &crashed()),
            Vec::<String>::new()
        );
        assert_eq!(
            wrong(&fault().blaming(Blame::Upstream), &crashed()),
            ["something it depends on is not blamed"]
        );
    }

    #[test]
    fn a_consequence_that_is_not_marked_as_one_is_wrong() {
        let marked = fault().explaining(&["errors/no-server-error"]);
        assert_eq!(wrong(&marked, &crashed()), Vec::<String>::new());
        let unmarked = fault().explaining(&["cors/readable"]);
        assert_eq!(
            wrong(&unmarked, &crashed()),
            ["cors/readable is not said to follow from it"]
        );
    }

    #[test]
    fn another_cause_in_the_first_place_is_wrong() {
        let fault = fault().named("auth-crashes");
        assert_eq!(first_cause(&fault, &crashed()), Some(false));
        assert!(wrong(&fault, &crashed()).contains(&"the cause is not auth-crashes".to_owned()));
        assert_eq!(
            first_cause(&Fault::new("light", "It is light.", How::Expected), &crashed()),
            None
        );
    }
}
