//! What a run saw of its contract, operation by operation, and which operations a gate names.

use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use crate::check::created::is_success;
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::operation::{Operation, ResponseSpec, StatusKey};
use crate::model::coverage::{Coverage, Covered, SeenStatus};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::Wire;

/// Every operation.
const ALL: &str = "all";

/// An answer, and the operation that it is of.
pub type Answer<'v> = (&'v Exchange, &'v Reply, &'v Operation);

/// What was seen of the contract; none where there is none, or one without operations.
pub fn coverage(view: &View<'_>) -> Option<Coverage> {
    let contract = view
        .contract
        .filter(|contract| !contract.operations().is_empty())?;
    Some(of(contract, &answers(view, contract)))
}

/// The answers that say something of an operation: a preflight is answered in its place, and so is what goes to the root or
/// without TLS.
pub fn answers<'v>(view: &View<'v>, contract: &'v Contract) -> Vec<Answer<'v>> {
    let base = view.target.base_path();
    let of_contract = |(exchange, reply): (&'v Exchange, &'v Reply)| {
        let probe = &exchange.probe;
        if probe.at_root || probe.is_preflight() || probe.wire == Wire::Plain {
            return None;
        }
        // A path with an id that an answer gave is known by its template.
        let path = probe.template.as_deref().unwrap_or(probe.path_text());
        let found = contract.find(&probe.method, path, base).ok()?;
        Some((exchange, reply, found.operation))
    };
    view.answers().filter_map(of_contract).collect()
}

/// What these answers cover of the contract.
pub fn of(contract: &Contract, answers: &[Answer<'_>]) -> Coverage {
    let mut seen: HashMap<&str, Vec<&Reply>> = HashMap::new();
    for (_, reply, operation) in answers {
        seen.entry(operation.pointer.as_str()).or_default().push(reply);
    }
    let covered = |operation: &Operation| {
        let replies = seen.get(operation.pointer.as_str());
        covered(operation, replies.map_or(&[], Vec::as_slice))
    };
    Coverage {
        operations: contract.operations().iter().map(covered).collect(),
    }
}

fn covered(operation: &Operation, replies: &[&Reply]) -> Covered {
    let mut counts: BTreeMap<u16, u32> = BTreeMap::new();
    for reply in replies {
        *counts.entry(reply.status).or_default() += 1;
    }
    let documented = operation.responses.iter();
    Covered {
        operation: operation.name(),
        operation_id: operation.operation_id.clone(),
        documented: documented.map(|response| response.status.to_string()).collect(),
        seen: counts
            .into_iter()
            .map(|(status, count)| SeenStatus { status, count })
            .collect(),
        succeeded: replies.iter().any(|reply| succeeds(operation, reply)),
    }
}

/// Whether an operation did what it is for. A redirect that the contract does not name leads away from it, to a login page or
/// another host, whatever stands there.
fn succeeds(operation: &Operation, reply: &Reply) -> bool {
    let redirects = (300..400).contains(&reply.status);
    let named = |response: &ResponseSpec| response.status != StatusKey::Default;
    is_success(reply) || redirects && operation.response(reply.status).is_some_and(named)
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
    use crate::check::testing::{NOTES, reads, target};

    fn seen(answers: &[(&str, u16)]) -> Coverage {
        let contract = Contract::parse(NOTES, "t").unwrap();
        let (target, exchanges) = (target(), reads(answers));
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
                "GET /me: false",
                "GET /notes: 401x2 false",
                "POST /notes: false",
                "GET /notes/{id}: 200x1 true"
            ]
        );
        assert_eq!(
            (coverage.answered(), coverage.succeeded(), coverage.percent()),
            (2, 1, 25)
        );
        assert_eq!(coverage.operations[1].documented, ["200", "4XX"]);
    }

    #[test]
    fn a_redirect_is_a_success_where_the_contract_says_so_and_else_it_leads_away() {
        let succeeded = |path: &str, status: u16| seen(&[(path, status)]).succeeded() == 1;
        assert!(succeeded("/me", 302));
        // A login page before everything, and a document that says "default" of it.
        for (path, status) in [("/notes", 302), ("/notes/7", 302), ("/me", 307), ("/me", 304)] {
            assert!(!succeeded(path, status), "{path} {status}");
        }
    }

    #[test]
    fn there_is_nothing_to_cover_without_a_contract() {
        let target = target();
        assert_eq!(coverage(&View::new(&target, None, &[], &[])), None);
    }

    #[test]
    fn a_pattern_names_all_one_by_its_id_or_some_by_method_and_path() {
        assert_eq!(names_of("all").len(), 4);
        assert_eq!(names_of("add"), ["POST /notes"]);
        assert_eq!(names_of("GET *"), ["GET /me", "GET /notes", "GET /notes/{id}"]);
        assert_eq!(names_of("* /notes/{id}"), ["GET /notes/{id}"]);
        for nothing in ["", "notes", "get /notes", "GET /note.", "("] {
            assert_eq!(names_of(nothing), [""; 0], "{nothing}");
        }
    }
}
