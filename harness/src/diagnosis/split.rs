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
        let mut sides: Vec<String> = Vec::new();
        for id in &finding.exchanges {
            let shown = case.view.answers().filter(|(exchange, _)| exchange.id == *id);
            let mut of_one: Vec<String> = shown
                .filter_map(|(exchange, reply)| side(exchange, reply))
                .collect();
            of_one.sort();
            of_one.dedup();
            // The copies of a burst share an id: where they met several sides, which of them failed is not said.
            if let [one] = of_one.as_slice() {
                sides.push(one.clone());
            }
        }
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
