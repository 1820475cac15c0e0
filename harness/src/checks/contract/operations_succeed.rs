//! What must be seen to succeed, was it? A new endpoint that nobody ever called with success is the next outage.

use crate::check::Check;
use crate::check::coverage::{self, Answer};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::coverage::{Coverage, CoverageGate, Covered};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;
use crate::report::coverage as words;

/// The check.
pub struct OperationsSucceed;

static SPEC: Spec = Spec {
    id: "contract/operations-succeed",
    layer: Layer::Contract,
    title: "Every operation that must is seen to succeed",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A rejected call is no proof that an accepted one works, and an endpoint that was added yesterday has no test yet. \
                  With --require-success and --min-coverage a run is red as long as an operation of the contract was not \
                  answered with a 2xx, or a redirect that the contract names, however green the rest is.",
    hint: "Prove it with a [[prove]] table of the profile, or with --token-env and --allow for what needs leave.",
};

/// What would have shown it.
const SUCCESS: &str = "a 2xx, or a redirect that the contract names";
/// Findings told one by one.
const MOST: usize = 20;

impl Check for OperationsSucceed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let gate = &view.target.coverage;
        if gate.is_empty() {
            return Judgement::NotApplicable(
                "neither --require-success nor --min-coverage asks for it".to_owned(),
            );
        }
        let Some(contract) = view.contract else {
            return Judgement::unknown("no contract is known, so nothing tells what must be seen to succeed");
        };
        let answers = coverage::answers(view, contract);
        let mut tally = Tally::new(view);
        for (exchange, ..) in &answers {
            tally.judged(exchange);
        }
        for found in found(gate, &coverage::of(contract, &answers), &answers) {
            tally.find(found);
        }
        tally.done()
    }
}

/// What the gate asks for and was not seen.
fn found(gate: &CoverageGate, covered: &Coverage, answers: &[Answer<'_>]) -> Vec<Finding> {
    let required = |one: &&Covered| gate.required.iter().any(|pattern| coverage::names(pattern, one));
    let missing: Vec<&Covered> = covered.never().filter(required).collect();
    let mut findings: Vec<Finding> = missing.iter().take(MOST).map(|one| never(one, answers)).collect();
    if missing.len() > MOST {
        let more = missing.len() - MOST;
        let title = format!("{more} more operations were never seen to succeed");
        findings.push(SPEC.finds("the contract", title).expected(SUCCESS).shown_by([]));
    }
    let nobody = |pattern: &&String| !covered.operations.iter().any(|one| coverage::names(pattern, one));
    for pattern in gate.required.iter().filter(nobody) {
        let title = format!("The contract has no operation {pattern}, which must be seen to succeed");
        let found = SPEC
            .finds(pattern, title)
            .expected("an operation of this name in the contract");
        let hint = "Name a method and a path as the contract writes them, such as 'POST /notes', an operationId, or all.";
        findings.push(found.actual("none").hint(hint).shown_by([]));
    }
    findings.extend(
        gate.least
            .filter(|least| covered.percent() < *least)
            .map(|least| too_few(least, covered)),
    );
    findings
}

fn never(one: &Covered, answers: &[Answer<'_>]) -> Finding {
    let shown = answers
        .iter()
        .filter(|(_, _, operation)| operation.name() == one.operation);
    SPEC.finds(
        &one.operation,
        format!("{} was never seen to succeed", one.operation),
    )
    .expected(SUCCESS)
    .actual(words::seen(one))
    .shown_by(shown.map(|(exchange, ..)| *exchange))
}

fn too_few(least: u8, covered: &Coverage) -> Finding {
    let (succeeded, all) = (covered.succeeded(), covered.operations.len());
    let title = format!("{succeeded} of {all} operations of the contract were seen to succeed");
    SPEC.finds("the contract", title)
        .expected(format!("at least {least} %"))
        .actual(format!("{} %", covered.percent()))
        .shown_by([])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{NOTES, reads, target};
    use crate::contract::load::Contract;

    fn judged(least: Option<u8>, required: &[&str], answers: &[(&str, u16)]) -> Judgement {
        let mut target = target();
        target.coverage = CoverageGate {
            least,
            required: required.iter().map(|one| (*one).to_owned()).collect(),
        };
        let contract = Contract::parse(NOTES, "t").unwrap();
        OperationsSucceed.judge(&View::new(&target, Some(&contract), &reads(answers), &[]))
    }

    fn subjects(judgement: Judgement) -> Vec<String> {
        match judgement {
            Judgement::Judged {
                findings, exchanges, ..
            } => {
                assert!(!exchanges.is_empty());
                findings.into_iter().map(|finding| finding.subject).collect()
            }
            other => panic!("nothing was judged: {other:?}"),
        }
    }

    #[test]
    fn what_was_only_rejected_or_never_asked_did_not_succeed() {
        let answers = [("/notes", 401), ("/me", 200)];
        assert_eq!(
            subjects(judged(None, &["all"], &answers)),
            ["GET /notes", "POST /notes", "GET /notes/{id}"]
        );
        assert_eq!(subjects(judged(None, &["list"], &answers)), ["GET /notes"]);
        assert_eq!(subjects(judged(None, &["GET /me"], &answers)), [""; 0]);
        let Judgement::Judged { findings, .. } = judged(None, &["* /notes"], &answers) else {
            panic!("nothing was judged")
        };
        let actual: Vec<&str> = findings.iter().map(|finding| finding.actual.as_str()).collect();
        assert_eq!(actual, ["401 ×1", "not asked"]);
        assert_eq!(findings[0].exchanges.len(), 1);
    }

    #[test]
    fn a_share_that_is_reached_is_spared_and_one_that_is_not_is_told() {
        let answers = [("/notes", 200), ("/me", 200)];
        assert_eq!(subjects(judged(Some(50), &[], &answers)), [""; 0]);
        assert_eq!(subjects(judged(Some(51), &[], &answers)), ["the contract"]);
    }

    #[test]
    fn a_name_that_the_contract_has_not_is_no_pass() {
        assert_eq!(
            subjects(judged(None, &["PUT /notes"], &[("/me", 200)])),
            ["PUT /notes"]
        );
    }

    #[test]
    fn without_a_gate_it_is_left_out_and_without_an_answer_of_the_contract_nothing_passes() {
        assert!(matches!(judged(None, &[], &[]), Judgement::NotApplicable(_)));
        let nothing = judged(None, &["all"], &[("/nowhere", 200)]);
        assert!(matches!(nothing, Judgement::Unable(unseen) if !unseen.on_purpose));
    }
}
