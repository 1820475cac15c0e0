//! Law 1: a 5xx is never acceptable, in any attempt, whatever else the answer has.

use crate::check::Rule;
use crate::check::health;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::probe::Effect;

/// The rule.
pub struct NoServerError;

static SPEC: Spec = Spec {
    id: "errors/no-server-error",
    layer: Layer::Errors,
    title: "The server never answers with a 5xx",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A 5xx says that the server failed, not the caller (RFC 9110 §15.6). Nothing that a client sends may cause \
                  one, no contract makes one right, and no retry makes one unseen. Tests that accepted 500 as a valid \
                  answer let the incident through that this tool exists for.",
    hint: "Find the request id in the service's log and read the error there; the client did nothing wrong.",
};

impl Rule for NoServerError {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let status = exchange.status()?;
        if !exchange.is_server_error() || tells_the_truth(exchange, view) {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let overload = exchange.probe.effect == Effect::Hostile && status == 503;
        let found = SPEC
            .finds(&operation, format!("{operation} answers HTTP {status}"))
            .expected("an answer below 500")
            .actual(format!("{status} {}", reason(status)))
            .outcome(if overload {
                Verdict::Inconclusive
            } else {
                Verdict::Fail
            });
        Some(vec![found.shown_by([exchange])])
    }
}

/// A health route's 503 tells the truth; that it is not healthy is the health checks' finding.
fn tells_the_truth(exchange: &Exchange, view: &View<'_>) -> bool {
    let routes = &view.target.routes;
    let health = [&routes.health, &routes.ready, &routes.ai_health];
    let asked = exchange.probe.path_text();
    let path = asked.split_once('?').map_or(asked, |(path, _)| path);
    let known = health.iter().any(|route| route.as_deref() == Some(path));
    let guessed = || health::probe(view).is_some_and(|probe| probe.path_text() == path);
    exchange.status() == Some(503) && (known || guessed())
}

/// The status in words (RFC 9110 §15).
pub fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, cors, target};

    fn findings(exchange: &Exchange) -> Vec<Finding> {
        let target = target();
        let seen = [exchange.clone()];
        NoServerError
            .judge(exchange, &View::new(&target, None, &seen, &[]))
            .unwrap()
    }

    #[test]
    fn a_5xx_is_found_whatever_else_the_answer_has() {
        let probe = asks::proof(&target(), &target().proofs[0]);
        for status in [500, 502, 503, 599] {
            assert_eq!(
                findings(&answered(1, &probe, status, &cors(), "{}")).len(),
                1,
                "{status}"
            );
        }
        for status in [200, 401, 422, 499] {
            assert_eq!(findings(&answered(1, &probe, status, &[], "")), [], "{status}");
        }
    }

    #[test]
    fn a_health_route_may_say_503_and_no_other_5xx() {
        let health = asks::read("/health");
        assert_eq!(findings(&answered(1, &health, 503, &[], "{}")), []);
        let asked = asks::read("/health?q=aaaa");
        assert_eq!(
            findings(&answered(1, &asked, 503, &[], "{}")),
            [],
            "whatever follows its path"
        );
        assert_eq!(findings(&answered(1, &health, 500, &[], "{}")).len(), 1);
    }

    #[test]
    fn so_may_one_that_was_guessed() {
        let mut target = target();
        target.routes.health = None;
        let told = |route: &str| {
            let seen = [answered(1, &asks::read(route), 503, &[], "{}")];
            NoServerError
                .judge(&seen[0], &View::new(&target, None, &seen, &[]))
                .unwrap()
                .len()
        };
        assert_eq!((told("/health"), told("/notes")), (0, 1));
    }

    #[test]
    fn only_a_503_under_attack_may_be_overload() {
        for (effect, status, outcome, actual) in [
            (
                Effect::Hostile,
                503,
                Verdict::Inconclusive,
                "503 Service Unavailable",
            ),
            (Effect::Hostile, 500, Verdict::Fail, "500 Internal Server Error"),
            (Effect::Read, 503, Verdict::Fail, "503 Service Unavailable"),
        ] {
            let mut probe = asks::read("/notes");
            probe.effect = effect;
            let found = findings(&answered(1, &probe, status, &[], ""));
            assert_eq!((found[0].outcome, found[0].actual.as_str()), (outcome, actual));
        }
    }
}
