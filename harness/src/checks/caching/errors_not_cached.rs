//! An error that a cache keeps outlives what caused it.

use crate::check::Rule;
use crate::check::cached;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct ErrorsNotCached;

static SPEC: Spec = Spec {
    id: "caching/errors-not-cached",
    layer: Layer::Http,
    title: "No error is answered from a cache",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A CDN that keeps a 503 or a 401 goes on giving it when the service is well and the caller signed in: the \
                  outage lasts as long as the copy. Statuses that say that nothing is there (404, 405, 410, 414, 501) may \
                  be kept, and are left alone (RFC 9110 §15.1).",
    hint: "Send Cache-Control: no-store with errors, keep error caching off at the edge, and purge this copy.",
};

/// Errors that may be kept without being told to (RFC 9110 §15.1).
const KEPT: [u16; 5] = [404, 405, 410, 414, 501];

impl Rule for ErrorsNotCached {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        if reply.status < 400 || KEPT.contains(&reply.status) {
            return None;
        }
        let Some(sign) = cached::sign(reply) else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let title = format!(
            "The HTTP {} of {operation} comes from a cache ({sign}), so it may be long over",
            reply.status
        );
        let found = SPEC
            .finds(&operation, title)
            .expected("an error made for this request")
            .actual(sign);
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(status: u16, header: (&str, &str)) -> Option<usize> {
        let target = target();
        let exchange = answered(1, &asks::read("/me"), status, &[header], "{}");
        let found = ErrorsNotCached.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn a_kept_error_is_found_by_its_age_or_by_the_caches_word() {
        assert_eq!(judged(503, ("age", "12")), Some(1));
        assert_eq!(judged(401, ("x-cache", "Hit from cloudfront")), Some(1));
    }

    #[test]
    fn spares_fresh_errors_and_those_that_may_be_kept() {
        assert_eq!(judged(503, ("age", "0")), Some(0));
        assert_eq!(judged(401, ("x-cache", "Miss from cloudfront")), Some(0));
        assert_eq!(judged(404, ("age", "12")), None);
        assert_eq!(judged(200, ("age", "12")), None);
    }
}
