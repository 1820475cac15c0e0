//! Does the service itself say that it is well? Platforms route and restart by this one answer.

use crate::check::Check;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Found, Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Healthy;

static SPEC: Spec = Spec {
    id: "health/healthy",
    layer: Layer::Health,
    title: "The service says that it is healthy",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Load balancers, platforms and monitors send traffic, restart and page by the health route. A health \
                  route that is redirected, wants a login or is answered by somebody else's web page is counted as well \
                  by some of them and as dead by others; one that says `unhealthy` in its body behind a 200 is read by \
                  people and by no machine.",
    hint: "Read what the body calls broken, then the service's log from its start on.",
};

impl Check for Healthy {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        health::probes(view).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(probe) = health::probe(view) else {
            return Judgement::skipped(
                format!(
                    "no health route is known, and none answers at {}",
                    health::CONVENTIONAL.join(", ")
                ),
                Some("--profile FILE with health = \"/…\" under [service]"),
            );
        };
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&probe)
            && let Some(finding) = finding(&SPEC, "healthy", exchange, reply)
        {
            tally.find(finding);
        }
        tally.done()
    }
}

/// The finding about a route that tells whether the service is `claim`, when it does not say so.
pub fn finding(spec: &Spec, claim: &str, exchange: &Exchange, reply: &Reply) -> Option<Finding> {
    let fault = health::fault(claim, exchange, reply)?;
    let found: Found = spec
        .finds(exchange.probe.operation(), fault.title)
        .expected(format!(
            "HTTP 200, and nothing in it that says that the service is not {claim}"
        ))
        .actual(fault.actual)
        .outcome(fault.outcome);
    let found = match fault.hint {
        Some(hint) => found.hint(hint),
        None => found,
    };
    Some(found.shown_by([exchange]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::finding::Verdict;
    use crate::model::target::{Routes, Target};

    const JSON: (&str, &str) = ("content-type", "application/json");
    const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

    fn found(status: u16, header: (&str, &str), body: &str) -> Vec<Finding> {
        let seen = [answered(1, &asks::read("/health"), status, &[header], body)];
        findings(&Healthy, &target(), &seen)
    }

    #[test]
    fn each_way_of_not_being_healthy_has_its_own_sentence() {
        let cases = [
            (
                200,
                JSON,
                r#"{"status":"unhealthy"}"#,
                "GET /health says that the service is not healthy",
            ),
            (
                503,
                JSON,
                r#"{"status":"unhealthy","database":"error"}"#,
                "GET /health says that the service is not healthy (HTTP 503)",
            ),
            (
                401,
                JSON,
                "{}",
                "GET /health asks for a credential (HTTP 401), so no platform or monitor can see the service's health",
            ),
            (
                307,
                ("location", "https://login.example/"),
                "",
                "GET /health is redirected to https://login.example/",
            ),
            (404, JSON, "{}", "GET /health is not there (HTTP 404)"),
            (
                200,
                HTML,
                "<!doctype html><title>App</title>",
                "GET /health answers with a web page, so something else than this service's health answers there",
            ),
            (
                200,
                JSON,
                "{\"status\":",
                "GET /health says that its body is JSON, and it is not",
            ),
        ];
        for (status, header, body, title) in cases {
            let found = found(status, header, body);
            assert_eq!(
                found.iter().map(|f| f.title.as_str()).collect::<Vec<_>>(),
                [title]
            );
            assert!(found[0].fails(), "{title}");
        }
    }

    #[test]
    fn what_is_broken_is_named() {
        let found = found(
            503,
            JSON,
            r#"{"status":"unhealthy","checks":{"db":"error: no route"}}"#,
        );
        assert_eq!(
            found[0].actual,
            "HTTP 503, status: unhealthy, checks.db: error: no route"
        );
    }

    #[test]
    fn degraded_is_neither_healthy_nor_dead() {
        assert_eq!(
            found(200, JSON, r#"{"status":"degraded"}"#)[0].outcome,
            Verdict::Degraded
        );
    }

    #[test]
    fn spares_every_way_of_saying_that_all_is_well() {
        let plain = ("content-type", "text/plain");
        for (status, header, body) in [
            (200, JSON, r#"{"status":"healthy","database":"connected"}"#),
            (200, JSON, r#"{"status":"UP"}"#),
            (200, JSON, r#"{"ok":true,"version":"3"}"#),
            (200, plain, "OK"),
            (200, plain, "Healthy"),
            (200, ("x", "y"), ""),
            (204, ("x", "y"), ""),
        ] {
            assert_eq!(found(status, header, body), [], "{status} {body}");
        }
    }

    #[test]
    fn without_a_known_route_the_conventional_ones_are_tried_and_a_guess_is_never_blamed() {
        let target = Target {
            routes: Routes::default(),
            ..target()
        };
        let seen = [answered(1, &asks::read("/health"), 404, &[JSON], "{}")];
        let asked = Healthy.ask(&View::new(&target, None, &seen, &[]));
        assert_eq!(asked.len(), 3);
        let healthz = answered(2, &asks::read("/healthz"), 200, &[], "ok");
        assert_eq!(findings(&Healthy, &target, &[seen[0].clone(), healthz]), []);
        let page = answered(2, &asks::read("/healthz"), 200, &[HTML], "<html>");
        let Judgement::Unable(unseen) = judgement(&Healthy, &target, &[seen[0].clone(), page]) else {
            panic!("a guess was blamed");
        };
        assert!(unseen.flag.unwrap().contains("health"), "{}", unseen.reason);
    }
}
