//! Law 3: what a browser cannot read is a fault of its own, reported beside the fault that it hides.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::cors::response::readable;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Page;

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
        let page = client_page(exchange, view)?;
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

/// The client's page that sent this, when it was one, and no preflight.
fn client_page<'e>(exchange: &'e Exchange, view: &View<'_>) -> Option<&'e Page> {
    let page = exchange
        .probe
        .page
        .as_ref()
        .filter(|_| !exchange.probe.is_preflight())?;
    view.target
        .clients
        .iter()
        .any(|client| client.origin == page.origin)
        .then_some(page)
}
