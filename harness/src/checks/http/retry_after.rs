//! "Later" must be a time that a client can wait for.

use jiff::fmt::rfc2822::DateTimeParser;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct RetryAfter;

static SPEC: Spec = Spec {
    id: "http/retry-after",
    layer: Layer::Http,
    title: "Retry-After is a number of seconds or a date",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Clients wait for as long as Retry-After says: whole seconds, or an HTTP date (RFC 9110 §10.2.3). One that \
                  they cannot read is ignored, so they come back at once, all of them, to a service that is already in \
                  trouble.",
    hint: "Send whole seconds, such as Retry-After: 10.",
};

impl Rule for RetryAfter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let value = reply.header("retry-after")?;
        if is_usable(value.trim()) {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let title = format!("The Retry-After of {operation} cannot be read by a client");
        let found = SPEC
            .finds(&operation, title)
            .expected("whole seconds, or an HTTP date")
            .actual(format!("Retry-After: {}", clean(&value, 60)));
        Some(vec![found.shown_by([exchange])])
    }
}

fn is_usable(value: &str) -> bool {
    let seconds = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    seconds || DateTimeParser::new().parse_timestamp(value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(headers: &[(&str, &str)]) -> Option<usize> {
        let target = target();
        let exchange = answered(1, &asks::read("/x"), 503, headers, "");
        let found = RetryAfter.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn what_no_client_reads_is_found() {
        for value in ["in a moment", "1.5", "-1", "10s", "", "2026-01-02T03:04:05Z"] {
            assert_eq!(judged(&[("retry-after", value)]), Some(1), "{value:?}");
        }
    }

    #[test]
    fn seconds_and_dates_are_spared() {
        for value in ["0", "120", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            assert_eq!(judged(&[("retry-after", value)]), Some(0), "{value}");
        }
        assert_eq!(judged(&[]), None);
    }
}
