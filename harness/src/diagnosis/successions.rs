//! Processes that answer one after the other, and what is lost while one takes over from another.

use crate::check::replicas::instance;
use crate::diagnosis::case::Case;
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;

/// Requests are under way at once, so the order in which they began is the order of answering give or take this many.
const BLUR: usize = 10;

/// Processes in the order of their turns, and what was lost between turns.
pub(crate) struct Succession<'c> {
    /// How many processes took over from another.
    pub(crate) changes: usize,
    /// What failed while they did.
    pub(crate) lost: Vec<&'c Exchange>,
    /// What was found about that.
    pub(crate) findings: Vec<&'c Finding>,
}

/// The succession, when processes took turns and every failure of the run lies between turns.
pub(crate) fn succession<'c>(case: &Case<'c>) -> Option<Succession<'c>> {
    let mut order: Vec<&Exchange> = case.view.exchanges.iter().collect();
    order.sort_by_key(|exchange| (exchange.at, exchange.id, exchange.attempt));
    let mut turns: Vec<(String, usize, usize)> = Vec::new();
    for (place, exchange) in order.iter().enumerate() {
        let Some(process) = exchange.answer().and_then(instance) else {
            continue;
        };
        match turns.iter_mut().find(|(known, ..)| *known == process) {
            Some((.., last)) => *last = place,
            None => turns.push((process, place, place)),
        }
    }
    let one_after_the_other = turns.windows(2).all(|pair| pair[1].1 + BLUR > pair[0].2);
    if turns.len() < 2 || !one_after_the_other {
        return None;
    }
    let between = |place: usize| {
        turns
            .windows(2)
            .any(|pair| place + BLUR >= pair[0].2 && place <= pair[1].1 + BLUR)
    };
    let failed: Vec<(usize, &Exchange)> = order
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, exchange)| is_lost(exchange))
        .collect();
    if failed.is_empty() || !failed.iter().all(|(place, _)| between(*place)) {
        return None;
    }
    let lost: Vec<&Exchange> = failed.into_iter().map(|(_, exchange)| exchange).collect();
    let findings = case.about(&lost);
    findings.iter().find(|finding| finding.fails())?;
    Some(Succession {
        changes: turns.len() - 1,
        lost,
        findings,
    })
}

/// Whether nobody was there: an answer that no process signed, or none.
fn is_lost(exchange: &Exchange) -> bool {
    match exchange.answer() {
        Some(reply) => matches!(reply.status, 502..=504) && instance(reply).is_none(),
        None => exchange.failure().is_some() && exchange.sent.is_some(),
    }
}
