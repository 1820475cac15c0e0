//! A browser that guesses media types runs what was meant to be shown.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct Nosniff;

static SPEC: Spec = Spec {
    id: "exposure/nosniff",
    layer: Layer::Http,
    title: "Browsers may not guess another media type than the one that is sent",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Without X-Content-Type-Options: nosniff a browser may take text for a page, and load JSON as a script \
                  (Fetch standard §3.6, ASVS 3.4.4). One header in one layer closes that for every route.",
    hint: "Send X-Content-Type-Options: nosniff with every answer.",
};

impl Rule for Nosniff {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let shown = (200..300).contains(&reply.status) && reply.body.wire_length > 0;
        if !shown || exchange.probe.is_preflight() {
            return None;
        }
        let value = reply.header("x-content-type-options");
        // The first of several values counts (Fetch standard, "determine nosniff").
        let first = value.as_deref().and_then(|value| value.split(',').next());
        if first.is_some_and(|first| first.trim().eq_ignore_ascii_case("nosniff")) {
            return Some(vec![]);
        }
        let actual = value.map_or_else(|| "no such header".to_owned(), |value| clean(&value, 40));
        let found = SPEC
            .finds(
                "X-Content-Type-Options",
                "Answers do not forbid browsers to guess their media type",
            )
            .expected("nosniff")
            .actual(actual);
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(status: u16, headers: &[(&str, &str)], body: &str) -> Option<usize> {
        let target = target();
        let exchange = answered(1, &asks::read("/health"), status, headers, body);
        let found = Nosniff.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn a_missing_or_misspelt_header_is_found() {
        assert_eq!(judged(200, &[], "{}"), Some(1));
        assert_eq!(
            judged(200, &[("x-content-type-options", "no-sniff")], "{}"),
            Some(1)
        );
    }

    #[test]
    fn spares_every_spelling_that_browsers_take_and_answers_without_content() {
        assert_eq!(
            judged(200, &[("x-content-type-options", "NoSniff, nosniff")], "{}"),
            Some(0)
        );
        assert_eq!(judged(204, &[], ""), None);
        assert_eq!(judged(404, &[], "{}"), None);
    }
}
