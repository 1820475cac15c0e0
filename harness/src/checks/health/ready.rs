//! Readiness: may traffic be sent there?

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::health::healthy::finding;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Ready;

static SPEC: Spec = Spec {
    id: "health/ready",
    layer: Layer::Health,
    title: "The service says that it is ready for traffic",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Readiness is where a service tells about its database, its migrations, its configuration. After a deploy \
                  it is the first to know that something is missing, and a balancer that reads it sends no traffic.",
    hint: "Read what the body says is missing: database, migration, configuration.",
};

impl Check for Ready {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        view.target
            .routes
            .ready
            .iter()
            .map(|route| Ask::One(asks::read(route)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(route) = &view.target.routes.ready else {
            return Judgement::NotApplicable("no readiness route is known".to_owned());
        };
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&asks::read(route))
            && let Some(finding) = finding(&SPEC, "ready", exchange, reply)
        {
            tally.find(finding);
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::finding::Finding;
    use crate::model::target::Target;

    fn knowing() -> Target {
        let mut target = target();
        target.routes.ready = Some("/ready".into());
        target
    }

    fn found(status: u16, body: &str) -> Vec<Finding> {
        let probe = asks::read("/ready");
        let seen = [answered(
            1,
            &probe,
            status,
            &[("content-type", "application/json")],
            body,
        )];
        findings(&Ready, &knowing(), &seen)
    }

    #[test]
    fn a_service_that_is_not_ready_is_found_by_status_or_body() {
        assert_eq!(
            found(503, r#"{"status":"not_ready","database":"error"}"#)[0].title,
            "GET /ready says that the service is not ready (HTTP 503)"
        );
        assert!(found(200, r#"{"status":"not_ready"}"#)[0].fails());
    }

    #[test]
    fn spares_a_ready_one_and_one_without_such_a_route() {
        assert_eq!(found(200, r#"{"status":"ready","provider":"configured"}"#), []);
        assert!(matches!(
            judgement(&Ready, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
