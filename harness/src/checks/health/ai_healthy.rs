//! Health of the AI part: the part that costs money, fails by itself, and that the general health route rarely looks at.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::health::healthy::finding;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct AiHealthy;

static SPEC: Spec = Spec {
    id: "health/ai-healthy",
    layer: Layer::Health,
    title: "The AI part says that it is healthy",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A key that is missing, refused or out of quota breaks only the calls that need the AI provider. The general \
                  health route stays green, users see errors, and the route that knows is read by nobody.",
    hint: "Look at the provider's key, quota and status in this environment.",
};

impl Check for AiHealthy {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        view.target
            .routes
            .ai_health
            .iter()
            .map(|route| Ask::One(asks::read(route)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(route) = &view.target.routes.ai_health else {
            return Judgement::NotApplicable("no health route of an AI part is known".to_owned());
        };
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&asks::read(route))
            && let Some(finding) = finding(&SPEC, "healthy", exchange, reply)
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
        target.routes.ai_health = Some("/ai/health".into());
        target
    }

    fn found(status: u16, body: &str) -> Vec<Finding> {
        let probe = asks::read("/ai/health");
        let seen = [answered(
            1,
            &probe,
            status,
            &[("content-type", "application/json")],
            body,
        )];
        findings(&AiHealthy, &knowing(), &seen)
    }

    #[test]
    fn a_provider_that_is_down_is_found_by_status_or_body() {
        assert_eq!(
            found(
                503,
                r#"{"status":"unhealthy","checks":{"provider":"provider_unavailable"}}"#
            )[0]
            .actual,
            "HTTP 503, status: unhealthy, checks.provider: provider_unavailable"
        );
        assert!(found(200, r#"{"status":"unhealthy"}"#)[0].fails());
    }

    #[test]
    fn spares_a_healthy_one_and_one_without_such_a_route() {
        let body =
            r#"{"status":"healthy","provider":{"kind":"simulator"},"checks":{"provider":"reachable"}}"#;
        assert_eq!(found(200, body), []);
        assert!(matches!(
            judgement(&AiHealthy, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
