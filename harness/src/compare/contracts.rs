//! The contracts that two runs were served, or were given: what a client of the earlier one would notice.

use crate::check::served;
use crate::contract::compare::{Difference, compare};
use crate::contract::load::Contract;
use crate::model::diff::{Change, Cost, Diff, Failures, Kind, SCHEMA, Side};
use crate::model::recording::{Recording, Tool};

/// A new number on a document is what every release brings.
const EXPECTED: &str = "info-version-changed";

/// What changed from one contract to the other, breaking changes first.
pub fn contracts(before: &Contract, after: &Contract) -> Diff {
    let side = |contract: &Contract| Side {
        source: contract.source().to_owned(),
        base: None,
        version: contract.version(),
        at: None,
        verdict: None,
    };
    Diff {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        before: side(before),
        after: side(after),
        unlike: Vec::new(),
        failures: Failures::default(),
        changes: compare(before, after).into_iter().map(change).collect(),
    }
}

/// What changed from the contract of one run to that of the other, and whether both had one. Two that were served are
/// compared; where one was not, two that were pinned.
pub(super) fn of_recordings(before: &Recording, after: &Recording) -> (Vec<Change>, bool) {
    let served = |recording: &Recording| served::contract(&recording.target, &recording.exchanges);
    let pinned = |recording: &Recording| {
        let given = recording.contract.as_ref()?;
        Contract::parse_served(&given.text, &given.source).ok()
    };
    let both = served(before).zip(served(after));
    let both = both.or_else(|| pinned(before).zip(pinned(after)));
    let Some((old, new)) = both else {
        return (Vec::new(), false);
    };
    let drift = compare(&old, &new).into_iter();
    let drift = drift.filter(|difference| difference.rule != EXPECTED);
    (drift.map(change).collect(), true)
}

fn change(difference: Difference) -> Change {
    Change {
        cost: if difference.breaking {
            Cost::Breaking
        } else {
            Cost::Nothing
        },
        kind: Kind::Contract,
        subject: difference.pointer,
        statement: difference.message,
        count: 1,
    }
}
