//! A service that sleeps must wake in time: the first caller after a quiet night is a user too.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Effect};
use crate::model::target::Bounds;

/// The check.
pub struct FirstAnswerInTime;

static SPEC: Spec = Spec {
    id: "rollout/first-answer-in-time",
    layer: Layer::Version,
    title: "The first answer comes in time",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Platforms put idle instances to sleep, and the first request waits for a boot, a migration, a model that is \
                  loaded. When that takes more than half of what a request may take, and four times what the same request \
                  takes later, the next slow start will be an outage for whoever comes first. Where the profile gives the \
                  service a cold_start, the first answer may take as long as that.",
    hint: "Keep one instance awake, or make the start cheaper; load what can wait after the first answer. Where it is meant to \
           sleep, say in the profile how long it may take to wake: cold_start.",
};

impl Check for FirstAnswerInTime {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let reads = reads(view);
        let Some(First { shown, took }) = first(view, &reads) else {
            return Judgement::NotApplicable("nothing was read".to_owned());
        };
        let operation = shown.probe.operation();
        let later = reads.iter().filter(|exchange| {
            (exchange.at, exchange.id) > (shown.at, shown.id) && exchange.probe.operation() == operation
        });
        let Some(quickest) = later.filter_map(|exchange| exchange.phases.wait).min() else {
            return Judgement::NotApplicable(format!("{operation} was answered only once"));
        };
        let mut tally = Tally::new(view);
        tally.judged(shown);
        let allowed = allowed(&view.target.bounds);
        if took > allowed && took > quickest.saturating_mul(4) {
            let (took, quickest, allowed) = (took / 1_000, quickest / 1_000, allowed / 1_000);
            let finding = SPEC
                .finds(
                    &operation,
                    format!(
                        "The first answer of {operation} took {took} ms, later ones as little as {quickest} ms; more than \
                         {allowed} ms is too near to what callers wait for"
                    ),
                )
                .expected(format!("at most {allowed} ms"))
                .actual(format!("{took} ms"));
            tally.find(finding.shown_by([shown]));
        }
        tally.done()
    }
}

/// How long the first answer may take, in microseconds: half of a request's deadline, and as long as the profile says that the
/// service may take to wake.
fn allowed(bounds: &Bounds) -> u64 {
    let half = bounds.deadline_ms.saturating_mul(500);
    half.max(bounds.cold_start_ms.saturating_mul(1_000))
}

/// Every read that was answered, in the order of asking.
fn reads<'v>(view: &View<'v>) -> Vec<&'v Exchange> {
    let answered = view.answers().map(|(exchange, _)| exchange);
    let mut reads: Vec<&Exchange> = answered
        .filter(|exchange| exchange.probe.effect == Effect::Read && exchange.phases.wait.is_some())
        .collect();
    reads.sort_by_key(|exchange| (exchange.at, exchange.id));
    reads
}

/// The first answer.
struct First<'v> {
    shown: &'v Exchange,
    /// Microseconds that a caller waited for it.
    took: u64,
}

/// The first answer: to what woke the service, counted from the first request that should, else to the first read.
fn first<'v>(view: &View<'v>, reads: &[&'v Exchange]) -> Option<First<'v>> {
    let woken = view.woken.iter().zip(view.woken.last());
    if let Some((begun, shown)) = woken
        .into_iter()
        .next()
        .filter(|(_, last)| last.answer().is_some())
    {
        let before = shown.at.duration_since(begun.at).as_micros();
        let before = u64::try_from(before).unwrap_or_default();
        let took = before.saturating_add(shown.phases.wait.unwrap_or_default());
        return Some(First { shown, took });
    }
    let shown = reads.first()?;
    let took = shown.phases.wait.unwrap_or_default();
    Some(First { shown, took })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::check::trial::findings;
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::probe::Probe;

    /// An answer to a read after so many milliseconds.
    fn timed(id: u32, probe: &Probe, wait: u64) -> Exchange {
        let mut exchange = answered(id, probe, 200, &[], "ok");
        exchange.phases.wait = Some(wait * 1_000);
        exchange
    }

    fn health(again: u16) -> Probe {
        asks::read("/health").repeat(again)
    }

    #[test]
    fn a_slow_start_is_found_and_steady_slowness_is_not() {
        let found = |first: u64, later: u64| {
            let seen = [timed(1, &health(1), first), timed(2, &health(2), later)];
            findings(&FirstAnswerInTime, &target(), &seen).len()
        };
        assert_eq!((found(6_000, 20), found(6_000, 3_000), found(900, 20)), (1, 0, 0));
    }

    #[test]
    fn another_operation_that_is_quick_says_nothing_of_a_slow_one() {
        let report = asks::read("/report");
        let slow = [timed(1, &report, 6_000), timed(2, &health(2), 20)];
        assert!(matches!(
            FirstAnswerInTime.judge(&View::new(&target(), None, &slow, &[])),
            Judgement::NotApplicable(_)
        ));
        let again = [slow[0].clone(), slow[1].clone(), timed(3, &report.repeat(1), 20)];
        assert_eq!(findings(&FirstAnswerInTime, &target(), &again).len(), 1);
    }

    #[test]
    fn a_cold_start_may_take_what_the_profile_says_counted_from_the_first_request() {
        let found = |cold_start_ms: u64, before: i64| {
            let mut target = target();
            target.bounds.cold_start_ms = cold_start_ms;
            let begun = failed(0, &health(9), Phase::Connect, WireFault::Refused);
            let mut woke = timed(0, &health(9), 6_000);
            woke.at = jiff::Timestamp::from_second(before).unwrap();
            let mut later = timed(1, &health(0), 20);
            later.at = jiff::Timestamp::from_second(before + 7).unwrap();
            let (woken, seen) = ([begun, woke], [later]);
            let view = View::new(&target, None, &seen, &[]).after(&woken);
            match FirstAnswerInTime.judge(&view) {
                Judgement::Judged { findings, .. } => findings.len(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((found(30_000, 20), found(30_000, 25), found(0, 0)), (0, 1, 1));
    }

    #[test]
    fn what_lies_on_a_bound_is_in_time_and_the_rest_is_told_in_milliseconds() {
        let said = |first: u64, later: u64| {
            let seen = [timed(1, &health(1), first), timed(2, &health(2), later)];
            let found = findings(&FirstAnswerInTime, &target(), &seen).into_iter();
            found.map(|finding| finding.title).collect::<Vec<String>>()
        };
        assert_eq!((said(5_000, 20), said(8_000, 2_000)), (vec![], vec![]));
        assert_eq!(
            said(8_000, 1_999),
            [
                "The first answer of GET /health took 8000 ms, later ones as little as 1999 ms; more than 5000 ms is too \
                 near to what callers wait for"
            ]
        );
    }

    #[test]
    fn work_that_is_slow_once_is_no_slow_start() {
        let target = target();
        let work = asks::proof(&target, &target.proofs[0]);
        let seen = [timed(1, &work, 9_000), timed(2, &work.repeat(1), 20)];
        let view = View::new(&target, None, &seen, &[]);
        assert!(matches!(
            FirstAnswerInTime.judge(&view),
            Judgement::NotApplicable(_)
        ));
    }
}
