//! A client that is told to wait and not for how long tries again at once, and so does every other.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct RetryAfterSaid;

static SPEC: Spec = Spec {
    id: "errors/retry-after-said",
    layer: Layer::Errors,
    title: "Whoever is told to wait is told how long",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "429 and 503 ask a client to come back later, and Retry-After says when (RFC 9110 §10.2.3, RFC 6585 §4). Without \
                  it well-meant retries of all clients arrive together and keep the service down. Where waiting does not help, \
                  as with a used-up quota, none is expected; nor from health routes, which nobody retries.",
    hint: "Send Retry-After with every 429 and 503, in seconds, and pass on what a provider asked for.",
};

impl Rule for RetryAfterSaid {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange
            .answer()
            .filter(|reply| matches!(reply.status, 429 | 503))?;
        let routes = &view.target.routes;
        let path = exchange.probe.path_text().split('?').next();
        let health = [&routes.health, &routes.ready, &routes.ai_health];
        if health.iter().any(|route| route.as_deref() == path) {
            return None;
        }
        let text = reply.body.text().to_lowercase();
        let for_ever = ["quota", "billing", "insufficient_funds"]
            .iter()
            .any(|word| text.contains(word));
        if for_ever || reply.header("retry-after").is_some() {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let found = SPEC.finds(
            &operation,
            format!(
                "The HTTP {} of {operation} does not say when to try again",
                reply.status
            ),
        );
        let found = found.expected("Retry-After").actual("none");
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn found(route: &str, status: u16, headers: &[(&str, &str)], body: &str) -> usize {
        let exchange = answered(1, &asks::read(route), status, headers, body);
        let found = RetryAfterSaid.judge(&exchange, &View::new(&target(), None, &[], &[]));
        found.map_or(0, |found| found.len())
    }

    #[test]
    fn a_wait_without_a_length_is_found() {
        assert_eq!(found("/x", 503, &[], "{}"), 1);
        assert_eq!(found("/x", 429, &[], "{}"), 1);
    }

    #[test]
    fn a_length_a_used_up_quota_and_health_are_spared() {
        assert_eq!(found("/x", 429, &[("retry-after", "3")], "{}"), 0);
        assert_eq!(
            found(
                "/x",
                503,
                &[],
                r#"{"detail":"The AI provider's quota is used up."}"#
            ),
            0
        );
        assert_eq!(found("/health", 503, &[], "{}"), 0);
    }
}
