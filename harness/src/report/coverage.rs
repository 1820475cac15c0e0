//! What a run saw of the contract, in words: so that an operation that nobody ever called with success is visible in every
//! report, also in one that is green.

use crate::model::coverage::{Coverage, Covered};
use crate::model::run::Run;
use crate::report::text::{self, NAME};

/// Operations told by name in a line.
const NAMES: usize = 3;

/// How much of the contract was seen, in a few words each; none without a contract.
pub fn facts(run: &Run) -> Vec<String> {
    let Some(coverage) = &run.coverage else {
        return Vec::new();
    };
    let all = coverage.operations.len();
    let mut facts = vec![format!(
        "{} of {all} operations seen to succeed, {} answered",
        coverage.succeeded(),
        coverage.answered()
    )];
    facts.extend(never(coverage));
    facts
}

/// The first of those that were never seen to succeed, those that were asked and refused before those that were not asked.
fn never(coverage: &Coverage) -> Option<String> {
    let mut never: Vec<&Covered> = coverage.never().collect();
    never.sort_by_key(|one| one.seen.is_empty());
    let named: Vec<String> = never
        .iter()
        .take(NAMES)
        .map(|one| text::line(&one.operation, NAME))
        .collect();
    let more = match never.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| format!("never {}{more}", named.join(", ")))
}

/// What was seen of an operation, in a word or a few: `200 ×3, 401 ×2`, or that it was not asked.
pub fn seen(one: &Covered) -> String {
    let seen: Vec<String> = one
        .seen
        .iter()
        .map(|seen| format!("{} ×{}", seen.status, seen.count))
        .collect();
    match seen.is_empty() {
        true => "not asked".to_owned(),
        false => seen.join(", "),
    }
}

/// The statuses that an operation documents and that were not seen, as the contract writes them.
pub fn unseen(one: &Covered) -> Vec<String> {
    let is_seen = |documented: &str| {
        one.seen.iter().any(|seen| {
            let hundreds = format!("{}XX", seen.status / 100);
            documented == hundreds || documented == seen.status.to_string()
        })
    };
    let documented = one.documented.iter().map(String::as_str);
    documented
        .filter(|documented| *documented != "default" && !is_seen(documented))
        .map(|documented| text::line(documented, NAME))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn those_that_were_refused_are_named_before_those_that_were_not_asked() {
        let mut run = fixtures::healthy();
        assert_eq!(facts(&run), [""; 0]);
        run.coverage = Some(fixtures::coverage());
        assert_eq!(
            facts(&run),
            [
                "1 of 5 operations seen to succeed, 2 answered",
                "never POST /notes, DELETE /notes/{id}, GET /me and 1 more"
            ]
        );
    }

    #[test]
    fn what_is_documented_and_was_not_seen_is_told_by_its_key() {
        let coverage = fixtures::coverage();
        let list = coverage.operations.iter().find(|one| one.succeeded).unwrap();
        assert_eq!(
            (seen(list), unseen(list)),
            (
                "200 ×3, 401 ×1".to_owned(),
                vec!["422".to_owned(), "5XX".to_owned()]
            )
        );
    }
}
