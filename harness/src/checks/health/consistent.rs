//! Does a health answer contradict itself? Balancers read the status code, people the body, and each believes its half.

use crate::check::Check;
use crate::check::asks;
use crate::check::health::{self, shown};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::tone::Tone;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct Consistent;

static SPEC: Spec = Spec {
    id: "health/consistent",
    layer: Layer::Health,
    title: "Health does not contradict itself",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "The system of the incident answered 200 and `healthy` with `database: error` in the same body: green for \
                  the platform, which kept sending traffic, while every read failed. Status code, word and parts must \
                  say the same thing.",
    hint: "Derive status code and overall word from the parts, in one place; a part that may be down should be marked optional.",
};

impl Check for Consistent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let known = routes(view);
        health::probes(view)
            .into_iter()
            .chain(known)
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let mut probes: Vec<Probe> = health::probe(view).into_iter().chain(routes(view)).collect();
        probes.dedup();
        if probes.is_empty() {
            return Judgement::NotApplicable("no health route is known".to_owned());
        }
        for probe in probes {
            if let Some((exchange, reply)) = tally.answer(&probe)
                && let Some(finding) = judge(exchange, reply)
            {
                tally.find(finding);
            }
        }
        tally.done()
    }
}

/// The other routes that tell about health.
fn routes(view: &View<'_>) -> Vec<Probe> {
    let routes = &view.target.routes;
    [&routes.ready, &routes.ai_health]
        .into_iter()
        .flatten()
        .map(|route| asks::read(route))
        .collect()
}

/// The contradiction in one answer, when there is one.
fn judge(exchange: &Exchange, reply: &Reply) -> Option<Finding> {
    let route = exchange.probe.operation();
    let said = health::said(reply);
    let broken = health::broken(reply);
    let is_success = (200..300).contains(&reply.status);
    let is_good = said.as_ref().map_or(is_success, |said| said.tone == Tone::Good);
    let (title, expected) = match (&said, broken.first()) {
        (Some(said), _) if is_success && said.tone == Tone::Bad => (
            format!(
                "{route} answers HTTP {} and says {} in the same breath",
                reply.status,
                shown(said)
            ),
            "HTTP 503 with a body that says so, or HTTP 200 with one that says that all is well",
        ),
        (Some(said), None) if matches!(reply.status, 500..600) && said.tone == Tone::Good => (
            format!(
                "{route} answers HTTP {} and says {} in the same breath",
                reply.status,
                shown(said)
            ),
            "a status code and a body that agree",
        ),
        (_, Some(part)) if is_good => (
            format!(
                "{route} says that all is well, and in the same body {}",
                shown(part)
            ),
            "a whole that is not well when one of its parts is not",
        ),
        _ => return None,
    };
    let found = SPEC
        .finds(&route, title)
        .expected(expected)
        .actual(health::actual(reply));
    Some(found.shown_by([exchange]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn found(status: u16, body: &str) -> Vec<Finding> {
        let json = [("content-type", "application/json")];
        let seen = [answered(1, &asks::read("/health"), status, &json, body)];
        findings(&Consistent, &target(), &seen)
    }

    #[test]
    fn each_contradiction_is_found() {
        for (status, body, title) in [
            (
                200,
                r#"{"status":"healthy","database":"error"}"#,
                "GET /health says that all is well, and in the same body database: error",
            ),
            (
                200,
                r#"{"status":"healthy","checks":{"db":{"status":"down"}}}"#,
                "GET /health says that all is well, and in the same body checks.db.status: down",
            ),
            (
                200,
                r#"{"checks":{"db":"error: gone"}}"#,
                "GET /health says that all is well, and in the same body checks.db: error: gone",
            ),
            (
                200,
                r#"{"status":"unhealthy"}"#,
                "GET /health answers HTTP 200 and says status: unhealthy in the same breath",
            ),
            (
                503,
                r#"{"status":"healthy"}"#,
                "GET /health answers HTTP 503 and says status: healthy in the same breath",
            ),
        ] {
            let found = found(status, body);
            assert_eq!(
                found.iter().map(|f| f.title.as_str()).collect::<Vec<_>>(),
                [title]
            );
        }
    }

    #[test]
    fn spares_answers_that_say_one_thing() {
        for (status, body) in [
            (
                200,
                r#"{"status":"healthy","database":"connected","log_level":"error"}"#,
            ),
            (503, r#"{"status":"unhealthy","database":"error"}"#),
            (200, r#"{"status":"degraded","checks":{"mirror":"down"}}"#),
            (
                200,
                r#"{"status":"healthy","checks":{"mirror":{"status":"down","critical":false}}}"#,
            ),
            (503, r#"{"checks":{"db":"error"}}"#),
            (200, "ok"),
        ] {
            assert_eq!(found(status, body), [], "{status} {body}");
        }
    }
}
