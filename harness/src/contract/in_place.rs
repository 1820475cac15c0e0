//! What it costs to apply a schema to one value, known before it is compiled.

use std::collections::BTreeMap;

/// The longest chain of references that apply to one and the same value. Validation recurses along it.
const MAX_IN_PLACE: usize = 32;
/// The most ways in which such chains may branch and meet again. Validation walks each.
const MAX_WAYS: usize = 10_000;

/// Which definitions apply to the same value, and in how many ways each.
pub(crate) type InPlace = BTreeMap<usize, usize>;

/// Bounds what validating one value by one definition can cost: how deep references lead without taking a step into
/// the value, and in how many ways.
pub(crate) fn bound_in_place(reached: &[InPlace]) -> Result<(), String> {
    let mut known = vec![None; reached.len()];
    (0..reached.len()).try_for_each(|number| ways(number, reached, &mut known, 0).map(|_| ()))
}

fn ways(
    number: usize,
    reached: &[InPlace],
    known: &mut [Option<(usize, usize)>],
    above: usize,
) -> Result<(usize, usize), String> {
    if let Some(Some(found)) = known.get(number) {
        return Ok(*found);
    }
    if above > MAX_IN_PLACE {
        return Err(format!(
            "a schema applies itself to its own value, or {MAX_IN_PLACE} others in a row"
        ));
    }
    let (mut depth, mut total) = (0, 1_usize);
    for (next, times) in reached.get(number).into_iter().flatten() {
        let (below, paths) = ways(*next, reached, known, above + 1)?;
        depth = depth.max(below + 1);
        total = total.saturating_add(paths.saturating_mul(*times));
    }
    if depth > MAX_IN_PLACE || total > MAX_WAYS {
        return Err(format!(
            "its references reach one value in more than {MAX_WAYS} ways or {MAX_IN_PLACE} steps"
        ));
    }
    if let Some(slot) = known.get_mut(number) {
        *slot = Some((depth, total));
    }
    Ok((depth, total))
}
