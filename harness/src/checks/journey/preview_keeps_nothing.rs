//! A preview that says that it kept nothing, and kept it: only the list of what is kept shows that.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::keeping::{keeps, list};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::journey::keeping::judged;
use crate::checks::journey::proofs::Proofs;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::keep::Keep;
use crate::model::probe::{Ask, Nature, Probe};
use crate::model::target::Proof;

/// The check.
pub struct PreviewKeepsNothing;

static SPEC: Spec = Spec {
    id: "journey/preview-keeps-nothing",
    layer: Layer::Journey,
    title: "A call that asks for nothing to be kept adds nothing to the list",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A preview whose answer says that nothing was saved can have saved it all the same. What is listed of the caller's \
                  is read before and after such a call, by [[prove]], of the operation that [[keep]] names: nothing may have been \
                  added. The run's credential should be one that nobody else writes with.",
    hint: "Look for a write that does not look at the flag: a log of inputs, a draft, a job that is queued before the flag is read.",
};

impl Check for PreviewKeepsNothing {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if !Proofs::seen_working(view) {
            return Vec::new();
        }
        let steps = keeps(view).into_iter().filter_map(|keep| steps(view, keep));
        steps.map(|steps| Ask::Seq(steps.to_vec())).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let keeps = keeps(view);
        if !keeps.is_empty() && !keeps.iter().any(|keep| steps(view, keep).is_some()) {
            return Judgement::NotApplicable("no good call is known that asks for nothing to be kept".into());
        }
        judged(view, judge)
    }
}

fn judge(view: &View<'_>, keep: &Keep, tally: &mut Tally<'_>) {
    let Some([before, preview, after]) = steps(view, keep) else {
        return;
    };
    let (Some((_, first)), Some((previewing, previewed)), Some((listing, second))) = (
        tally.answer(&before),
        tally.answer(&preview),
        tally.answer(&after),
    ) else {
        return;
    };
    let all = [first, previewed, second].into_iter().all(is_success);
    let (Some(first), Some(second), true) = (ids(keep, first), ids(keep, second), all) else {
        tally.unknown(format!("{} could not be compared", before.operation()), None);
        return;
    };
    let added = second.difference(&first).count();
    if added > 0 {
        let operation = preview.operation();
        let title = format!("{operation} keeps a preview, and answers that it did not");
        let found = SPEC
            .finds(operation, title)
            .expected(format!("{} lists the same before and after", before.operation()))
            .actual(format!("{added} more"));
        tally.find(found.shown_by([previewing, listing]));
    }
}

/// The list, a good call of the same operation that is not the one that keeps something, and the list again. The call is made
/// once more than for its proof: other calls are made between that and any list.
fn steps(view: &View<'_>, keep: &Keep) -> Option<[Probe; 3]> {
    const APART: u16 = 9;
    let before = list(view.target, keep)?.repeat(APART);
    let is_preview = |proof: &&Proof| proof.call == keep.call && proof.nature != Nature::Write;
    let proof = view.target.proofs.iter().find(is_preview)?;
    let preview = asks::proof(view.target, proof).repeat(APART);
    let after = before.repeat(APART + 1);
    Some([before, preview, after])
}

/// The ids in a list: what is called as in the answer that keeps something, or `id`.
fn ids(keep: &Keep, reply: &Reply) -> Option<BTreeSet<String>> {
    let name = keep.id.rsplit('/').next().unwrap_or_default();
    let mut ids = BTreeSet::new();
    collect(&reply.body.json()?, name, &mut ids);
    Some(ids)
}

fn collect(value: &Value, name: &str, ids: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, ids)),
        Value::Object(members) => {
            for (member, value) in members {
                match value {
                    Value::String(_) | Value::Number(_) if member == "id" || member == name => {
                        ids.insert(value.to_string());
                    }
                    _ => collect(value, name, ids),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::answered;
    use crate::checks::journey::keeping_tests::keeping;

    fn judged(before: &str, after: &str) -> Judgement {
        let mut target = keeping();
        target.proofs[0].call = target.keeps[0].call.clone();
        let first = asks::proof(&target, &target.proofs[0]);
        let mut seen = vec![answered(0, &first, 200, &[], "{}")];
        let steps = steps(&View::new(&target, None, &[], &[]), &target.keeps[0]).unwrap();
        for (id, (probe, body)) in (1..).zip(steps.iter().zip([before, "{}", after])) {
            seen.push(answered(id, probe, 200, &[], body));
        }
        PreviewKeepsNothing.judge(&View::new(&target, None, &seen, &[]))
    }

    fn found(before: &str, after: &str) -> usize {
        match judged(before, after) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_preview_adds_is_found() {
        assert_eq!(found(r#"{"items":[]}"#, r#"{"items":[{"id":"8"}]}"#), 1);
        assert_eq!(found(r#"[{"id":1}]"#, r#"[{"id":2},{"id":1}]"#), 1);
    }

    #[test]
    fn spares_a_list_that_stays_or_shrinks_or_tells_the_time() {
        assert_eq!(
            found(
                r#"{"items":[{"id":"8"}],"at":1}"#,
                r#"{"items":[{"id":"8"}],"at":2}"#
            ),
            0
        );
        assert_eq!(found(r#"[{"id":1}]"#, "[]"), 0);
        assert!(
            matches!(judged("no JSON", "[]"), Judgement::Judged { findings, unseen, .. } if findings.is_empty() && unseen.len() == 1)
        );
    }
}
