//! A button is pressed twice, a retry comes after its first try: what is there already is created once more.

use crate::check::Check;
use crate::check::asks;
use crate::check::created::{is_success, writes};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct SecondCreateSurvives;

static SPEC: Spec = Spec {
    id: "errors/second-create-survives",
    layer: Layer::Errors,
    title: "Creating what is there already is answered",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A unique index that nobody asked before writing answers with an exception, and the second press of a button is \
                  a 500. A second one, the same again and 409 are all fine answers. The good call that writes is made twice \
                  more, where writing is allowed; one that fails both times, having worked, fails over what is there.",
    hint: "Catch the conflict of the unique index, and answer 409, or what is there.",
};

/// How often the call is made once more. Two, so that chance is not taken for a rule.
const MORE: u16 = 2;

/// The call, once more and twice more.
fn again(probe: &Probe) -> Vec<Probe> {
    (1..=MORE).map(|again| probe.repeat(again)).collect()
}

impl Check for SecondCreateSurvives {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let probes = writes(view)
            .into_iter()
            .map(|proof| asks::proof(view.target, proof));
        let worked = probes.filter(|probe| view.answer(probe).is_some_and(|(_, reply)| is_success(reply)));
        worked.flat_map(|probe| again(&probe)).map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let writes = writes(view);
        if writes.is_empty() {
            return Judgement::NotApplicable("no good call creates anything that may be created here".into());
        }
        let mut tally = Tally::new(view);
        for proof in writes {
            let probe = asks::proof(view.target, proof);
            let Some((_, first)) = tally.answer(&probe).filter(|(_, reply)| is_success(reply)) else {
                continue;
            };
            let later: Vec<_> = again(&probe)
                .iter()
                .filter_map(|probe| tally.answer(probe))
                .collect();
            let failed = later.iter().filter(|(_, reply)| reply.status >= 500).count();
            if failed < usize::from(MORE) {
                continue;
            }
            let (call, status) = (&proof.call, later[0].1.status);
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("{call} crashes at what is there already (HTTP {status})"),
                )
                .expected("HTTP 409, another one, or the one that is there")
                .actual(format!(
                    "HTTP {} at first, HTTP {status} every time after",
                    first.status
                ));
            tally.find(found.shown_by(later.iter().map(|(exchange, _)| *exchange)));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::probe::Nature;
    use crate::model::target::Target;

    fn writing() -> Target {
        let mut target = target();
        target.proofs[0].nature = Nature::Write;
        target
    }

    fn found(statuses: [u16; 3]) -> usize {
        let target = writing();
        let probe = asks::proof(&target, &target.proofs[0]);
        let seen: Vec<_> = (0..)
            .zip(statuses)
            .map(|(nth, status)| answered(u32::from(nth) + 1, &probe.repeat(nth), status, &[], "{}"))
            .collect();
        findings(&SecondCreateSurvives, &target, &seen).len()
    }

    #[test]
    fn a_crash_every_time_but_the_first_is_found() {
        assert_eq!(found([201, 500, 500]), 1);
    }

    #[test]
    fn spares_a_conflict_another_one_and_a_failure_by_chance() {
        assert_eq!(found([201, 409, 409]), 0);
        assert_eq!(found([201, 201, 201]), 0);
        assert_eq!(found([201, 500, 201]), 0);
    }

    #[test]
    fn it_is_not_asked_before_the_first_worked_nor_where_nothing_may_be_written() {
        let mut target = writing();
        let probe = asks::proof(&target, &target.proofs[0]);
        let refused = [answered(1, &probe, 422, &[], "{}")];
        assert!(
            SecondCreateSurvives
                .ask(&View::new(&target, None, &refused, &[]))
                .is_empty()
        );
        let worked = [answered(1, &probe, 201, &[], "{}")];
        assert_eq!(
            SecondCreateSurvives
                .ask(&View::new(&target, None, &worked, &[]))
                .len(),
            2
        );
        target.allow = vec![];
        assert!(matches!(
            judgement(&SecondCreateSurvives, &target, &worked),
            Judgement::NotApplicable(_)
        ));
    }
}
