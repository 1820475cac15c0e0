//! Routes for those who run the service tell strangers how it is built, and what it holds.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::health::is_page;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Environment;

/// The check.
pub struct DebugRoutes;

static SPEC: Spec = Spec {
    id: "exposure/debug-routes",
    layer: Layer::Http,
    title: "Internal routes are not open to strangers",
    severity: Severity::Major,
    suites: &[Suite::Smoke],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Metrics, profiles and the environment are made for those who run a service (API9:2023, ASVS 13.4.5): they \
                  name hosts, versions, customers by their labels, sometimes keys. On one's own machine they are useful, so \
                  only production is judged by them; pages of documentation may be public on purpose and are left alone.",
    hint: "Serve internal routes on a port that the edge does not forward, or ask for a credential there.",
};

/// What an internal route shows, by its form.
type Look = fn(&str, Option<&Value>) -> bool;

/// Internal routes, and what they look like.
const ROUTES: &[(&str, &str, Look)] = &[
    ("/metrics", "metrics in the Prometheus format", |text, _| {
        text.lines().any(|line| line.starts_with("# TYPE "))
    }),
    ("/actuator/env", "the environment of Spring Boot", |_, json| {
        json.is_some_and(|json| json.get("propertySources").is_some())
    }),
    ("/debug/vars", "the variables of a Go process", |_, json| {
        json.is_some_and(|json| json.get("memstats").is_some())
    }),
];

impl Check for DebugRoutes {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        match view.target.environment {
            Environment::Production => ROUTES.iter().map(|(route, ..)| Ask::One(probe(route))).collect(),
            Environment::Local | Environment::Staging => Vec::new(),
        }
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.environment != Environment::Production {
            return Judgement::NotApplicable("internal routes may be open outside of production".into());
        }
        let mut tally = Tally::new(view);
        for (route, what, look) in ROUTES {
            let Some((exchange, reply)) = tally.answer(&probe(route)) else {
                continue;
            };
            if !shows(reply, *look) {
                continue;
            }
            let documented = view
                .contract
                .is_some_and(|contract| contract.find("GET", route, "").is_ok());
            let found = SPEC
                .finds(*route, format!("{route} shows {what} to everybody"))
                .expected("HTTP 401, 403 or 404")
                .actual(format!("HTTP {}", reply.status))
                .severity(if documented {
                    Severity::Advisory
                } else {
                    Severity::Major
                });
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

fn probe(route: &str) -> Probe {
    let read = asks::read(route);
    Probe {
        at_root: true,
        ..read
    }
}

fn shows(reply: &Reply, look: Look) -> bool {
    let json = reply.body.json();
    reply.status == 200 && !is_page(reply) && look(&reply.body.text(), json.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::target::Target;

    fn production() -> Target {
        Target {
            environment: Environment::Production,
            ..target()
        }
    }

    #[test]
    fn open_metrics_of_production_are_found() {
        let seen = [answered(
            1,
            &probe("/metrics"),
            200,
            &[],
            "# TYPE up gauge\nup 1\n",
        )];
        assert_eq!(findings(&DebugRoutes, &production(), &seen).len(), 1);
    }

    #[test]
    fn spares_ones_own_machine_a_404_and_a_page_that_answers_everything() {
        let seen = [answered(
            1,
            &probe("/metrics"),
            200,
            &[],
            "# TYPE up gauge\nup 1\n",
        )];
        assert!(matches!(
            judgement(&DebugRoutes, &target(), &seen),
            Judgement::NotApplicable(_)
        ));
        for (status, body) in [
            (404, "# TYPE up gauge"),
            (200, "<!doctype html>\n# TYPE up gauge"),
        ] {
            let seen = [answered(1, &probe("/metrics"), status, &[], body)];
            assert_eq!(findings(&DebugRoutes, &production(), &seen), []);
        }
    }
}
