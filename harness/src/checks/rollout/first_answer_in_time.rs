//! A service that sleeps must wake in time: the first caller after a quiet night is a user too.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Effect};

/// The check.
pub struct FirstAnswerInTime;

static SPEC: Spec = Spec {
    id: "rollout/first-answer-in-time",
    layer: Layer::Version,
    title: "The first answer comes well within the deadline",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Platforms put idle instances to sleep, and the first request waits for a boot, a migration, a model that is \
                  loaded. When that takes more than half of what a request may take, and four times what the same request \
                  takes later, the next slow start will be an outage for whoever comes first.",
    hint: "Keep one instance awake, or make the start cheaper; load what can wait after the first answer.",
};

impl Check for FirstAnswerInTime {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut reads: Vec<&Exchange> = view
            .answers()
            .map(|(exchange, _)| exchange)
            .filter(|exchange| exchange.probe.effect == Effect::Read && exchange.phases.wait.is_some())
            .collect();
        reads.sort_by_key(|exchange| (exchange.at, exchange.id));
        let mut tally = Tally::new(view);
        let Some((first, later)) = reads.split_first() else {
            return Judgement::NotApplicable("nothing was read".to_owned());
        };
        let waits = later.iter().filter_map(|exchange| exchange.phases.wait);
        let Some(quickest) = waits.min() else {
            return Judgement::NotApplicable("only one read was answered".to_owned());
        };
        tally.judged(first);
        let wait = first.phases.wait.unwrap_or_default();
        if wait > view.target.bounds.deadline_ms.saturating_mul(500) && wait > quickest.saturating_mul(4) {
            let finding = SPEC
                .finds(
                    first.probe.operation(),
                    format!(
                        "The first answer took {} ms, of the {} ms that a request may take; later ones took as little as {} ms",
                        wait / 1_000,
                        view.target.bounds.deadline_ms,
                        quickest / 1_000
                    ),
                )
                .expected("less than half of the deadline")
                .actual(format!("{} ms", wait / 1_000));
            tally.find(finding.shown_by([*first]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    #[test]
    fn a_slow_start_is_found_and_steady_slowness_is_not() {
        let found = |first: u64, later: u64| {
            let timed = |id, wait: u64| {
                let mut exchange = answered(
                    id,
                    &asks::read("/health").repeat(u16::try_from(id).unwrap()),
                    200,
                    &[],
                    "ok",
                );
                exchange.phases.wait = Some(wait * 1_000);
                exchange
            };
            findings(&FirstAnswerInTime, &target(), &[timed(1, first), timed(2, later)]).len()
        };
        assert_eq!((found(6_000, 20), found(6_000, 3_000), found(900, 20)), (1, 0, 0));
    }
}
