//! What a run saw of its contract, operation by operation, and which operations a gate names.

use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::model::coverage::{Coverage, Covered, SeenStatus};
use crate::model::exchange::Exchange;
use crate::model::probe::Wire;

/// Every operation.
const ALL: &str = "all";

/// What was seen of the contract; none where there is none, or one without operations.
pub fn coverage(view: &View<'_>) -> Option<Coverage> {
    let contract = view
        .contract
        .filter(|contract| !contract.operations().is_empty())?;
    let mut seen: HashMap<&str, BTreeMap<u16, u32>> = HashMap::new();
    for (exchange, reply) in view.answers().filter(|(exchange, _)| counts(exchange)) {
        if let Some(operation) = operation(contract, exchange, view.target.base_path()) {
            let statuses = seen.entry(operation.pointer.as_str()).or_default();
            *statuses.entry(reply.status).or_default() += 1;
        }
    }
    let covered = |operation: &Operation| covered(operation, seen.get(operation.pointer.as_str()));
    Some(Coverage {
        operations: contract.operations().iter().map(covered).collect(),
    })
}

/// What is known of a contract before anything was asked.
pub fn unasked(contract: &Contract) -> Coverage {
    let operations = contract.operations().iter();
    Coverage {
        operations: operations.map(|operation| covered(operation, None)).collect(),
    }
}

/// Whether an answer says something of an operation: a preflight is answered in its place, and so is what goes to the root or
/// without TLS.
pub fn counts(exchange: &Exchange) -> bool {
    let probe = &exchange.probe;
    !probe.at_root && !probe.is_preflight() && probe.wire != Wire::Plain
}

/// The operation that an exchange is of.
pub fn operation<'c>(contract: &'c Contract, exchange: &Exchange, base: &str) -> Option<&'c Operation> {
    let probe = &exchange.probe;
    // A path with an id that an answer gave is known by its template.
    let path = probe.template.as_deref().unwrap_or(probe.path_text());
    let found = contract.find(&probe.method, path, base).ok()?;
    Some(found.operation)
}

fn covered(operation: &Operation, seen: Option<&BTreeMap<u16, u32>>) -> Covered {
    let seen: Vec<SeenStatus> = seen
        .into_iter()
        .flatten()
        .map(|(status, count)| SeenStatus {
            status: *status,
            count: *count,
        })
        .collect();
    let documented = operation.responses.iter();
    Covered {
        operation: operation.name(),
        operation_id: operation.operation_id.clone(),
        documented: documented.map(|response| response.status.to_string()).collect(),
        succeeded: seen.iter().any(|seen| (200..400).contains(&seen.status)),
        seen,
    }
}

/// Whether a gate's pattern names this operation.
pub fn names(pattern: &str, operation: &Covered) -> bool {
    if pattern == ALL {
        return true;
    }
    let id = operation.operation_id.as_deref();
    let Some(whole) = anything(pattern) else {
        // Too long to be one.
        return false;
    };
    whole.is_match(&operation.operation) || id.is_some_and(|id| whole.is_match(id))
}

/// The pattern as an expression in which `*` stands for anything.
fn anything(pattern: &str) -> Option<Regex> {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join(".*"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: notes, version: "1"}
paths:
  /notes:
    get: {operationId: list, responses: {"200": {description: ""}, "4XX": {description: ""}}}
    post: {operationId: add, responses: {"201": {description: ""}}}
  /notes/{id}:
    get: {operationId: read, responses: {default: {description: ""}}}
"#;

    fn seen(answers: &[(&str, u16)]) -> Coverage {
        let contract = Contract::parse(DOCUMENT, "t").unwrap();
        let exchanges: Vec<Exchange> = answers
            .iter()
            .zip(1..)
            .map(|((path, status), id)| answered(id, &asks::read(path), *status, &[], "{}"))
            .collect();
        let target = target();
        coverage(&View::new(&target, Some(&contract), &exchanges, &[])).unwrap()
    }

    fn names_of(pattern: &str) -> Vec<String> {
        let all = seen(&[]).operations.into_iter();
        all.filter(|one| names(pattern, one))
            .map(|one| one.operation)
            .collect()
    }

    #[test]
    fn an_operation_is_known_by_its_template_and_a_rejection_is_no_success() {
        let coverage = seen(&[
            ("/notes", 401),
            ("/notes", 401),
            ("/notes/7", 200),
            ("/nowhere", 200),
        ]);
        let told: Vec<String> = coverage
            .operations
            .iter()
            .map(|one| {
                let seen = one
                    .seen
                    .iter()
                    .map(|seen| format!("{}x{} ", seen.status, seen.count));
                format!("{}: {}{}", one.operation, seen.collect::<String>(), one.succeeded)
            })
            .collect();
        assert_eq!(
            told,
            [
                "GET /notes: 401x2 false",
                "POST /notes: false",
                "GET /notes/{id}: 200x1 true"
            ]
        );
        assert_eq!(
            (coverage.answered(), coverage.succeeded(), coverage.percent()),
            (2, 1, 33)
        );
        assert_eq!(coverage.operations[0].documented, ["200", "4XX"]);
    }

    #[test]
    fn there_is_nothing_to_cover_without_a_contract() {
        let target = target();
        assert_eq!(coverage(&View::new(&target, None, &[], &[])), None);
    }

    #[test]
    fn a_pattern_names_all_one_by_its_id_or_some_by_method_and_path() {
        assert_eq!(names_of("all").len(), 3);
        assert_eq!(names_of("add"), ["POST /notes"]);
        assert_eq!(names_of("GET *"), ["GET /notes", "GET /notes/{id}"]);
        assert_eq!(names_of("* /notes/{id}"), ["GET /notes/{id}"]);
        for nothing in ["", "notes", "get /notes", "GET /note.", "("] {
            assert_eq!(names_of(nothing), [""; 0], "{nothing}");
        }
    }
}
