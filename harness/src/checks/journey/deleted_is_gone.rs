//! Whoever deletes something has a reason, and sometimes a right (GDPR art. 17). A 204 that deletes nothing breaks both.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::keeping::{delete, kept};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::journey::keeping::{asks, both, is_missing, judged, settled};
use crate::model::finding::{Layer, Severity};
use crate::model::keep::Keep;
use crate::model::probe::Ask;

/// The check.
pub struct DeletedIsGone;

static SPEC: Spec = Spec {
    id: "journey/deleted-is-gone",
    layer: Layer::Journey,
    title: "What is deleted is gone",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "What the call of [[keep]] kept is deleted again by whoever kept it, and then read: 404 or 410 is right, and so is a \
                  refusal. A success shows that it is still there, for everybody who knows the address. A deletion that takes a \
                  moment (202) is looked at again, a second later.",
    hint: "Delete in the database that is read from, commit, and drop what caches hold of it.",
};

impl Check for DeletedIsGone {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        asks(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        judged(view, judge)
    }
}

fn judge(view: &View<'_>, keep: &Keep, tally: &mut Tally<'_>) {
    let Some((_, _, id)) = kept(view, keep) else {
        tally.unknown(format!("{} kept nothing that could be deleted", keep.call), None);
        return;
    };
    let (first, after) = both(view, keep, &id);
    let there = settled(view, &first).is_some_and(|(_, reply)| is_success(reply));
    let Some((deleting, deleted)) = tally.answer(&delete(view.target, keep, &id)) else {
        return;
    };
    if !there {
        tally.unknown(format!("{} was not there to be deleted", keep.read), None);
        return;
    }
    let subject = keep.delete.to_string();
    if deleted.status >= 300 {
        let title = format!("{subject} does not delete what is there: HTTP {}", deleted.status);
        let found = SPEC.finds(&subject, title).expected("a 2xx answer");
        tally.find(
            found
                .actual(format!("HTTP {}", deleted.status))
                .shown_by([deleting]),
        );
        return;
    }
    if tally.answer(&after).is_none() {
        return;
    }
    let Some((reading, read)) = settled(view, &after) else {
        return;
    };
    if is_success(read) && !is_missing(read) {
        let title = format!(
            "{subject} answers HTTP {}, and what it deleted is still there",
            deleted.status
        );
        let found = SPEC
            .finds(&subject, title)
            .expected("HTTP 404 or 410 to the next read")
            .actual(format!("HTTP {} three times", read.status));
        tally.find(found.shown_by([deleting, reading]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::journey::keeping_tests::{Answers, run};

    fn titles(deleted: u16, after: [u16; 3]) -> Vec<String> {
        let answers = Answers {
            deleted,
            after,
            ..Answers::healthy()
        };
        match run(&DeletedIsGone, answers) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_still_there_is_told() {
        assert_eq!(
            titles(204, [200; 3]),
            ["DELETE /runs/{id} answers HTTP 204, and what it deleted is still there"]
        );
        assert_eq!(
            titles(405, [200; 3]),
            ["DELETE /runs/{id} does not delete what is there: HTTP 405"]
        );
    }

    #[test]
    fn spares_every_way_to_be_gone_and_what_takes_a_moment() {
        for (deleted, after) in [
            (204, [404; 3]),
            (200, [410; 3]),
            (204, [403; 3]),
            (202, [200, 200, 404]),
        ] {
            assert_eq!(
                titles(deleted, after),
                Vec::<String>::new(),
                "{deleted} {after:?}"
            );
        }
    }
}
