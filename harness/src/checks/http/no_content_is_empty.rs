//! What says that there is no content must have none, or the next answer on the connection is read wrongly.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct NoContentIsEmpty;

static SPEC: Spec = Spec {
    id: "http/no-content-is-empty",
    layer: Layer::Http,
    title: "Answers of 204 and 304 have no content",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A client stops reading after the headers of a 204 or 304 (RFC 9110 §15.3.5, §15.4.5), so bytes that follow \
                  are taken for the beginning of the next answer, and a length that is announced (§8.6) makes other clients \
                  wait for it. Calls then fail now and then, on connections that are used again.",
    hint: "Send 204 without body, Content-Length and Transfer-Encoding, or answer 200 with the content.",
};

impl Rule for NoContentIsEmpty {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange
            .answer()
            .filter(|reply| matches!(reply.status, 204 | 304))?;
        let length = reply
            .header("content-length")
            .filter(|length| length.trim() != "0");
        let coding = reply.header("transfer-encoding");
        // A 304 may give the length that a 200 would have (RFC 9110 §8.6).
        let actual = match (reply.status, length, coding) {
            _ if !reply.body.bytes.is_empty() => format!("{} bytes", reply.body.bytes.len()),
            (204, Some(length), _) => format!("Content-Length: {}", crate::check::text::clean(&length, 20)),
            (204, None, Some(coding)) => {
                format!("Transfer-Encoding: {}", crate::check::text::clean(&coding, 20))
            }
            _ => return Some(vec![]),
        };
        let operation = exchange.probe.operation();
        let title = format!("The HTTP {} of {operation} has content, or says so", reply.status);
        let found = SPEC
            .finds(&operation, title)
            .expected("no content")
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
        let exchange = answered(1, &asks::read("/x"), status, headers, body);
        let found = NoContentIsEmpty.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn content_of_a_bodiless_status_is_found() {
        assert_eq!(judged(204, &[("content-length", "2")], ""), Some(1));
        assert_eq!(judged(204, &[("transfer-encoding", "chunked")], ""), Some(1));
        assert_eq!(judged(304, &[], "x"), Some(1));
    }

    #[test]
    fn spares_empty_ones_and_the_length_that_a_304_may_give() {
        assert_eq!(judged(204, &[], ""), Some(0));
        assert_eq!(judged(204, &[("content-length", "0")], ""), Some(0));
        assert_eq!(
            judged(304, &[("content-length", "120"), ("etag", "\"a\"")], ""),
            Some(0)
        );
        assert_eq!(judged(200, &[("content-length", "1")], "x"), None);
    }
}
