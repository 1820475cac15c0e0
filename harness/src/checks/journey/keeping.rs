//! In which order what is kept is kept, read back, listed and deleted again. Nothing here says what is wrong.

use crate::check::judgement::{Judgement, Tally};
use crate::check::keeping::{delete, keeps, kept, list, looks, read, save};
use crate::check::view::{Seen, View};
use crate::checks::journey::proofs::Proofs;
use crate::model::exchange::{Exchange, Reply};
use crate::model::keep::Keep;
use crate::model::probe::{Ask, Effect, Probe};

/// Tells the look after the deletion from the one before it.
const AFTER: u16 = 1;

/// What is asked of what was seen so far, the whole way: asked again, it is the same. Nothing is kept while what must work was
/// not seen working.
pub fn asks(view: &View<'_>) -> Vec<Ask> {
    if !Proofs::seen_working(view) {
        return Vec::new();
    }
    keeps(view).into_iter().flat_map(|keep| of(view, keep)).collect()
}

fn of(view: &View<'_>, keep: &Keep) -> Vec<Ask> {
    let mut asks = vec![Ask::One(save(view.target, keep))];
    let Some((_, _, id)) = kept(view, keep) else {
        return asks;
    };
    let (first, after) = both(view, keep, &id);
    let mut there = vec![first.clone()];
    there.extend(list(view.target, keep));
    asks.push(Ask::Seq(there));
    if !matches!(view.seen(&first), Seen::NotAsked) {
        if is_gone(view, &first) {
            asks.push(Ask::Seq(looks(&first).to_vec()));
        }
        // Once it was looked for, found or not: what may be there is deleted.
        let looked = !is_gone(view, &first) || !matches!(view.seen(&looks(&first)[1]), Seen::NotAsked);
        if looked {
            asks.push(Ask::Seq(vec![delete(view.target, keep, &id), after.clone()]));
        }
        if view.answer(&after).is_some() && !is_gone(view, &after) {
            asks.push(Ask::Seq(looks(&after).to_vec()));
        }
    }
    asks
}

/// The look at it while it must be there, and the one after it was deleted.
pub fn both(view: &View<'_>, keep: &Keep, id: &str) -> (Probe, Probe) {
    let first = read(view.target, keep, id);
    let after = first.repeat(AFTER);
    (first, after)
}

fn is_gone(view: &View<'_>, read: &Probe) -> bool {
    view.answer(read).is_some_and(|(_, reply)| is_missing(reply))
}

/// Whether a read says that there is nothing.
pub fn is_missing(reply: &Reply) -> bool {
    matches!(reply.status, 404 | 410)
}

/// The last answer to a read and the looks after it.
pub fn settled<'v>(view: &View<'v>, read: &Probe) -> Option<(&'v Exchange, &'v Reply)> {
    let [second, third] = looks(read);
    let mut answers = [&third, &second, read].into_iter();
    answers.find_map(|probe| view.answer(probe))
}

/// Judges each thing that is kept by itself, where anything was.
pub fn judged(view: &View<'_>, each: impl Fn(&View<'_>, &Keep, &mut Tally<'_>)) -> Judgement {
    let keeps = keeps(view);
    if keeps.is_empty() {
        return unable(view);
    }
    if !Proofs::seen_working(view) {
        return Judgement::unknown("nothing was kept, since what must work was not seen working");
    }
    let mut tally = Tally::new(view);
    for keep in keeps {
        each(view, keep, &mut tally);
    }
    tally.done()
}

/// Why nothing can be said of what is kept.
fn unable(view: &View<'_>) -> Judgement {
    let target = view.target;
    if target.keeps.is_empty() {
        return Judgement::NotApplicable("nobody said what is kept here, and where it is found again".into());
    }
    for (effect, flag) in [(Effect::Writes, "--allow writes"), (Effect::Paid, "--allow paid")] {
        if !target.allows(effect) {
            let reason = "keeping something writes, and this run may not do what that takes";
            return Judgement::skipped(reason, Some(flag));
        }
    }
    let supply = target.auth.as_ref().map(|auth| auth.supply.clone());
    Judgement::skipped(
        "keeping something needs a credential, and none was given",
        supply.as_deref(),
    )
}
