//! Failures that belong to one of several processes or builds alone.

use crate::diagnosis::case::Case;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::Finding;

/// The failures of a run, when one of several sides wrote every answer that they are about; none when they are on both.
pub fn one_sided<'c>(
    case: &Case<'c>,
    side: impl Fn(&Exchange, &Reply) -> Option<String>,
) -> Vec<&'c Finding> {
    let mut of: Vec<(&Finding, String)> = Vec::new();
    for finding in case.findings.iter().filter(|finding| finding.fails()) {
        let shown = case
            .view
            .answers()
            .filter(|(exchange, _)| finding.exchanges.contains(&exchange.id));
        let mut sides: Vec<String> = shown
            .filter_map(|(exchange, reply)| side(exchange, reply))
            .collect();
        sides.sort();
        sides.dedup();
        if let [one] = sides.as_slice() {
            of.push((finding, one.clone()));
        }
    }
    let first = of.first().map(|(_, side)| side.clone());
    if of.iter().any(|(_, side)| Some(side) != first.as_ref()) {
        return Vec::new();
    }
    of.into_iter().map(|(finding, _)| finding).collect()
}
