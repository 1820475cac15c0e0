//! TRACE sends back what it got: cookies and credentials that proxies added included.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::cheap_route;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Nature, Probe};
use crate::model::target::Target;

/// The check.
pub struct TraceRefused;

static SPEC: Spec = Spec {
    id: "http/trace-refused",
    layer: Layer::Http,
    title: "TRACE does not send requests back",
    severity: Severity::Major,
    suites: &[Suite::Smoke],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "TRACE echoes the request with every header that a proxy added on the way (RFC 9110 §9.3.8, ASVS 13.4.4): \
                  internal addresses, identity headers, credentials. It is safe to send, and no client of an API needs it.",
    hint: "Turn TRACE off in the web server (TraceEnable off) or the router; it then answers 405.",
};

impl Check for TraceRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(probe(view.target))]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let probe = probe(view.target);
        if let Some((exchange, reply)) = tally.answer(&probe)
            && echoes(reply)
        {
            let operation = probe.operation();
            let found = SPEC
                .finds(
                    &operation,
                    format!("{operation} sends the request back, headers included"),
                )
                .expected("HTTP 405 or 501")
                .actual(format!("HTTP {}, the request as content", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// Safe by its method (RFC 9110 §9.2.1), and without a body.
fn probe(target: &Target) -> Probe {
    Probe::request("TRACE", cheap_route(target))
        .nature(Some(Nature::Read))
        .build()
}

/// A catch-all that answers 200 to any method echoes nothing.
fn echoes(reply: &Reply) -> bool {
    let labelled = reply.media_type().as_deref() == Some("message/http");
    reply.status == 200 && (labelled || reply.body.text().starts_with("TRACE "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;
    use crate::model::probe::Effect;

    fn found(status: u16, media_type: &str, body: &str) -> usize {
        let target = target();
        let seen = [answered(
            1,
            &probe(&target),
            status,
            &[("content-type", media_type)],
            body,
        )];
        findings(&TraceRefused, &target, &seen).len()
    }

    #[test]
    fn an_echo_is_found() {
        assert_eq!(found(200, "message/http", "TRACE /health HTTP/1.1\r\n"), 1);
        assert_eq!(found(200, "message/http", "trace /health HTTP/1.1\r\n"), 1);
        assert_eq!(found(200, "text/plain", "TRACE /health HTTP/1.1\r\n"), 1);
    }

    #[test]
    fn spares_a_refusal_and_a_page_that_answers_everything() {
        assert_eq!(found(405, "application/json", "{}"), 0);
        assert_eq!(found(405, "message/http", "TRACE /health HTTP/1.1\r\n"), 0);
        assert_eq!(found(200, "text/html", "<html>"), 0);
        assert_eq!(probe(&target()).effect, Effect::Read);
    }
}
