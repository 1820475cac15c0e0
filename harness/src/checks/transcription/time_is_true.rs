//! Dashboards and limits are built on the time that an answer says it took.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::transcription::work::{done, members};
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct TimeIsTrue;

static SPEC: Spec = Spec {
    id: "transcription/time-is-true",
    layer: Layer::Journey,
    title: "The time that an answer says it took can be true",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A processing time above the time that the whole request took cannot have been measured: another unit, another \
                  clock, or a constant. Zero for work that took a quarter of a second was not measured either. Whatever is \
                  built on it, alerts and invoices among it, is wrong by as much.",
    hint: "Measure with a monotonic clock around the whole of the work, and name the unit in the field.",
};

/// Names of members that hold milliseconds of work. A `duration` is more often one of the recording.
const NAMES: [&str; 7] = [
    "processing_time_ms",
    "processingtimems",
    "elapsed_ms",
    "took_ms",
    "latency_ms",
    "response_time_ms",
    "execution_time_ms",
];

/// A clock's grain and a rounding, in milliseconds.
const SLACK: f64 = 100.0;

/// Work below this may be rounded to nothing, in milliseconds.
const ROUNDED: f64 = 1_500.0;

impl Rule for TimeIsTrue {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let (_, body) = done(exchange, view)?;
        let whole = exchange.phases.total() as f64 / 1_000.0;
        let waited = exchange.phases.wait.unwrap_or_default() as f64 / 1_000.0;
        let claims = members(&body);
        let (at, claimed) = claims.iter().find_map(|(at, name, value)| {
            let claimed = value.as_f64().filter(|_| NAMES.contains(&name.as_str()))?;
            Some((at, claimed))
        })?;
        let untrue = claimed > whole * 1.25 + SLACK || (claimed == 0.0 && waited > ROUNDED) || claimed < 0.0;
        if !untrue {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let found = SPEC.finds(
            format!("{operation} {at}"),
            format!("{operation} says a processing time that cannot be true"),
        );
        let found = found
            .expected(format!("at most the {whole:.0} ms that the request took"))
            .actual(format!("{claimed} ms"));
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    /// Whether a claim is found untrue; requests of tests take 9 ms.
    fn untrue(claim: &str) -> bool {
        let target = target();
        let body = format!(r#"{{"processing_time_ms":{claim}}}"#);
        let exchange = answered(1, &asks::proof(&target, &target.proofs[0]), 200, &[], &body);
        let findings = TimeIsTrue.judge(&exchange, &View::new(&target, None, &[], &[]));
        !findings.unwrap().is_empty()
    }

    #[test]
    fn more_than_the_request_took_cannot_be_true() {
        assert!(untrue("5000") && untrue("-1"));
    }

    #[test]
    fn what_rounding_and_clocks_make_of_it_is_spared() {
        assert!(!untrue("0") && !untrue("9") && !untrue("11.5"));
    }

    /// The same of a request that was waited for so many microseconds.
    fn untrue_after(micros: u64, claim: &str) -> bool {
        let target = target();
        let body = format!(r#"{{"processing_time_ms":{claim}}}"#);
        let mut exchange = answered(1, &asks::proof(&target, &target.proofs[0]), 200, &[], &body);
        exchange.phases.wait = Some(micros);
        let findings = TimeIsTrue.judge(&exchange, &View::new(&target, None, &[], &[]));
        !findings.unwrap().is_empty()
    }

    #[test]
    fn a_claim_may_be_a_quarter_and_a_tenth_of_a_second_too_long() {
        assert!(!untrue_after(9_000, "111.25") && untrue_after(9_000, "111.5"));
        assert!(!untrue_after(1_000_000, "1350") && untrue_after(1_000_000, "1351"));
    }

    #[test]
    fn no_time_at_all_is_untrue_of_work_that_took_longer_than_is_rounded_away() {
        assert!(untrue_after(1_600_000, "0") && !untrue_after(1_500_000, "0"));
        assert!(!untrue_after(1_600_000, "900"));
    }
}
