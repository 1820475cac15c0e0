//! What must be seen to succeed, was it? A new endpoint that nobody ever called with success is the next outage.

use crate::check::Check;
use crate::check::coverage::{self, coverage};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::coverage::{Coverage, CoverageGate, Covered};
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;

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
                  answered below 400, however green the rest is.",
    hint: "Prove it with a [[prove]] table of the profile, or with --token-env and --allow for what needs leave.",
};

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
        let (Some(contract), Some(covered)) = (view.contract, coverage(view)) else {
            return Judgement::unknown("no contract is known, so nothing tells what must be seen to succeed");
        };
        let mut tally = Tally::new(view);
        let base = view.target.base_path();
        let counted = view.answers().filter(|(exchange, _)| coverage::counts(exchange));
        let of_contract: Vec<(&Exchange, String)> = counted
            .filter_map(|(exchange, _)| {
                Some((exchange, coverage::operation(contract, exchange, base)?.name()))
            })
            .collect();
        for (exchange, _) in &of_contract {
            tally.judged(exchange);
        }
        for found in found(gate, &covered, &of_contract) {
            tally.find(found);
        }
        tally.done()
    }
}

/// What the gate asks for and was not seen.
fn found(gate: &CoverageGate, covered: &Coverage, answers: &[(&Exchange, String)]) -> Vec<Finding> {
    let required = |one: &&Covered| gate.required.iter().any(|pattern| coverage::names(pattern, one));
    let missing: Vec<&Covered> = covered.never().filter(required).collect();
    let mut findings: Vec<Finding> = missing.iter().take(MOST).map(|one| never(one, answers)).collect();
    if missing.len() > MOST {
        let more = missing.len() - MOST;
        let title = format!("{more} more operations were never seen to succeed");
        findings.push(
            SPEC.finds("the contract", title)
                .expected("an answer below 400 of each")
                .shown_by([]),
        );
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

fn never(one: &Covered, answers: &[(&Exchange, String)]) -> Finding {
    let seen: Vec<String> = one
        .seen
        .iter()
        .map(|seen| format!("HTTP {} ×{}", seen.status, seen.count))
        .collect();
    let actual = match seen.is_empty() {
        true => "it was not asked".to_owned(),
        false => seen.join(", "),
    };
    let shown = answers.iter().filter(|(_, name)| *name == one.operation);
    SPEC.finds(
        &one.operation,
        format!("{} was never seen to succeed", one.operation),
    )
    .expected("an answer below 400")
    .actual(actual)
    .shown_by(shown.map(|(exchange, _)| *exchange))
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
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::contract::load::Contract;

    const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: notes, version: "1"}
paths:
  /notes:
    get: {operationId: list, responses: {"200": {description: ""}}}
    post: {operationId: add, responses: {"201": {description: ""}}}
  /me:
    get: {responses: {"200": {description: ""}}}
"#;

    fn judged(least: Option<u8>, required: &[&str], answers: &[(&str, u16)]) -> Judgement {
        let mut target = target();
        target.coverage = CoverageGate {
            least,
            required: required.iter().map(|one| (*one).to_owned()).collect(),
        };
        let contract = Contract::parse(DOCUMENT, "t").unwrap();
        let exchanges: Vec<Exchange> = answers
            .iter()
            .zip(1..)
            .map(|((path, status), id)| answered(id, &asks::read(path), *status, &[], "{}"))
            .collect();
        OperationsSucceed.judge(&View::new(&target, Some(&contract), &exchanges, &[]))
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
            ["GET /notes", "POST /notes"]
        );
        assert_eq!(subjects(judged(None, &["list"], &answers)), ["GET /notes"]);
        assert_eq!(subjects(judged(None, &["GET /me"], &answers)), [""; 0]);
        let Judgement::Judged { findings, .. } = judged(None, &["* /notes"], &answers) else {
            panic!("nothing was judged")
        };
        let actual: Vec<&str> = findings.iter().map(|finding| finding.actual.as_str()).collect();
        assert_eq!(actual, ["HTTP 401 ×1", "it was not asked"]);
        assert_eq!(findings[0].exchanges.len(), 1);
    }

    #[test]
    fn a_share_that_is_reached_is_spared_and_one_that_is_not_is_told() {
        let answers = [("/notes", 200), ("/me", 200)];
        assert_eq!(subjects(judged(Some(66), &[], &answers)), [""; 0]);
        assert_eq!(subjects(judged(Some(67), &[], &answers)), ["the contract"]);
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
