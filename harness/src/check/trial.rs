//! Judging hand-made recordings, for the tests of checks, rules and causes.

use crate::check::judgement::Judgement;
use crate::check::view::View;
use crate::check::{Check, Rule};
use crate::contract::load::Contract;
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;
use crate::model::target::Target;

/// What a check makes of these exchanges.
pub(crate) fn judgement(check: &dyn Check, target: &Target, seen: &[Exchange]) -> Judgement {
    check.judge(&View::new(target, None, seen, &[]))
}

/// What a check finds in these exchanges. Panics when it judged none: then it found nothing because it saw nothing.
pub(crate) fn findings(check: &dyn Check, target: &Target, seen: &[Exchange]) -> Vec<Finding> {
    match judgement(check, target, seen) {
        Judgement::Judged { findings, .. } => findings,
        other => panic!("nothing was judged: {other:?}"),
    }
}

/// What a rule finds in the first of these exchanges, held against this contract.
pub(crate) fn rule_finds(
    rule: &dyn Rule,
    target: &Target,
    contract: &Contract,
    seen: &[Exchange],
) -> Option<Vec<Finding>> {
    rule.judge(&seen[0], &View::new(target, Some(contract), seen, &[]))
}
