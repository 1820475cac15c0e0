//! Routes for those who run the service tell strangers how it is built, and what it holds.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
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

/// What an internal route shows, by its form: text, and JSON when it is any.
type Look = fn(&str, Option<&Value>) -> bool;

/// Internal routes, and what they look like. None costs more than a read: a heap dump is looked for in the list of what
/// Spring Boot offers, since asking for one, even by HEAD, makes one.
const ROUTES: &[(&str, &str, Look)] = &[
    ("/metrics", "metrics in the Prometheus format", |text, _| {
        !begins_as_page(text) && text.lines().any(|line| line.starts_with("# TYPE "))
    }),
    ("/actuator/env", "the environment of Spring Boot", |_, json| {
        json.is_some_and(|json| json.get("propertySources").is_some())
    }),
    ("/actuator", "that Spring Boot offers its insides", |_, json| {
        let links = json.and_then(|json| json.get("_links")?.as_object());
        links.is_some_and(|links| INSIDES.iter().any(|inside| links.contains_key(*inside)))
    }),
    ("/debug/vars", "the variables of a Go process", |_, json| {
        json.is_some_and(|json| json.get("memstats").is_some())
    }),
    ("/debug/pprof/", "the profiles of a Go process", |text, _| {
        text.contains("<title>/debug/pprof/</title>")
    }),
    ("/server-status", "the requests under way in Apache", |text, _| {
        text.contains("<title>Apache Status</title>") || text.contains("<h1>Apache Server Status for ")
    }),
    ("/phpinfo.php", "the settings of PHP", |text, _| {
        text.contains("<title>phpinfo()</title>") || text.contains(" - phpinfo()</title>")
    }),
];

/// Offers of Spring Boot's actuator that show or change what is inside.
const INSIDES: [&str; 7] = [
    "heapdump",
    "threaddump",
    "env",
    "configprops",
    "logfile",
    "loggers",
    "shutdown",
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
                .severity(match *route {
                    _ if documented => Severity::Advisory,
                    // What is listed may still ask for a credential.
                    "/actuator" => Severity::Minor,
                    _ => Severity::Major,
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
    reply.status == 200 && look(&reply.body.text(), json.as_ref())
}

fn begins_as_page(text: &str) -> bool {
    text.trim_start().starts_with('<')
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
            (
                200,
                "<!doctype html><title>Docs</title> /debug/pprof/ phpinfo() Apache Server Status",
            ),
            (200, r#"{"_links":{"self":{},"health":{},"info":{}}}"#),
        ] {
            let seen: Vec<_> = ROUTES
                .iter()
                .zip(1..)
                .map(|((route, ..), id)| answered(id, &probe(route), status, &[], body))
                .collect();
            assert_eq!(findings(&DebugRoutes, &production(), &seen), []);
        }
    }

    #[test]
    fn each_internal_route_is_known_by_what_it_shows() {
        for (route, body, severity) in [
            ("/actuator/env", r#"{"propertySources":[]}"#, Severity::Major),
            (
                "/actuator",
                r#"{"_links":{"self":{},"heapdump":{"href":"x"}}}"#,
                Severity::Minor,
            ),
            ("/debug/vars", r#"{"memstats":{}}"#, Severity::Major),
            (
                "/debug/pprof/",
                "<html><head><title>/debug/pprof/</title>",
                Severity::Major,
            ),
            (
                "/server-status",
                "<h1>Apache Server Status for api.example</h1>",
                Severity::Major,
            ),
            (
                "/phpinfo.php",
                "<!DOCTYPE html><title>PHP 8.3.1 - phpinfo()</title>",
                Severity::Major,
            ),
        ] {
            let seen = [answered(
                1,
                &probe(route),
                200,
                &[("content-type", "text/html")],
                body,
            )];
            let found = findings(&DebugRoutes, &production(), &seen);
            let found: Vec<Severity> = found.iter().map(|finding| finding.severity).collect();
            assert_eq!(found, [severity], "{route}");
        }
    }
}
