//! Law 3: what a browser cannot read is a fault of its own, reported beside the fault that it hides.

use crate::check::Rule;
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::cors::response::readable;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct Readable;

static SPEC: Spec = Spec {
    id: "cors/readable",
    layer: Layer::Cors,
    title: "Every answer to a client's page can be read by it, errors included",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A browser hands an answer to a page on another origin only when the answer itself allows it (Fetch §4.10, \
                  CORS check), whatever its status. Crash pages, rejections and limits are often written outside the layer \
                  that adds the CORS headers: then users see \"CORS error\", the page sees a network failure, and nobody \
                  sees the 500, 401 or 413 behind it.",
    hint: "Make the CORS layer the outermost one, so that it wraps errors, rejections and limits as well.",
};

impl Rule for Readable {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let page = pages::page_of(exchange, view.target)?;
        let reply = exchange.answer()?;
        let Err(refusal) = readable(reply.status, &reply.headers, &page.origin, page.mode) else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let status = reply.status;
        let found = SPEC
            .finds(
                format!("{operation} {status}"),
                format!(
                    "The page at {} cannot read the HTTP {status} of {operation}",
                    page.origin
                ),
            )
            .expected(format!("Access-Control-Allow-Origin: {}", page.origin))
            .actual(format!("{} ({})", refusal, refusal.label()))
            .severity(severity(reply));
        Some(vec![found.shown_by([exchange])])
    }
}

/// An unreadable success stops the client; an unreadable "no such route" merely misleads.
fn severity(reply: &Reply) -> Severity {
    match reply.status {
        200..300 => Severity::Blocker,
        404 | 405 => Severity::Minor,
        _ => Severity::Major,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{ORIGIN, answered, cors, target};
    use crate::model::probe::{Mode, Origin, Probe};

    fn judged(probe: &Probe, status: u16, headers: &[(&str, &str)]) -> Option<Vec<Finding>> {
        let target = target();
        let seen = [answered(1, probe, status, headers, "")];
        Readable.judge(&seen[0], &View::new(&target, None, &seen, &[]))
    }

    fn from(origin: &str) -> Probe {
        asks::read_from("/health", &Origin(origin.into()), Mode::Include)
    }

    #[test]
    fn an_answer_without_cors_headers_is_found_and_weighs_what_it_hides() {
        for (status, severity) in [
            (200, Severity::Blocker),
            (401, Severity::Major),
            (500, Severity::Major),
            (404, Severity::Minor),
        ] {
            let found = judged(&from(ORIGIN), status, &[]).unwrap();
            assert_eq!(found.len(), 1, "{status}");
            assert_eq!(found[0].severity, severity, "{status}");
        }
    }

    #[test]
    fn an_error_that_the_page_can_read_is_fine_in_any_spelling() {
        let shouted = [
            ("Access-Control-Allow-Origin", ORIGIN),
            ("ACCESS-CONTROL-ALLOW-CREDENTIALS", "true"),
        ];
        for status in [200, 204, 401, 404, 500] {
            assert_eq!(judged(&from(ORIGIN), status, &cors()), Some(vec![]), "{status}");
            assert_eq!(judged(&from(ORIGIN), status, &shouted), Some(vec![]), "{status}");
        }
    }

    #[test]
    fn what_no_client_page_asked_for_is_none_of_its_business() {
        assert_eq!(judged(&from("https://foreign.example"), 200, &[]), None);
        assert_eq!(judged(&asks::read("/metrics"), 200, &[]), None);
        let made = &target().clients[0].calls[0];
        let preflight = asks::preflight(&Origin(ORIGIN.into()), Mode::Include, made).unwrap();
        assert_eq!(judged(&preflight, 403, &[]), None);
    }
}
