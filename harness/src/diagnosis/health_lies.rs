//! Health cannot be believed: it contradicts itself, or is green while what users call fails.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::{Finding, Severity};

/// The cause.
pub struct HealthLies;

impl Cause for HealthLies {
    fn id(&self) -> &'static str {
        "health-lies"
    }

    fn about(&self) -> &'static str {
        "The health route says that all is well while its own body, readiness or a call that users make says that it is not."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Health,
            blames: &[Blame::Deploy],
            needs: "A health route that says well, and its own body, readiness or a user's call that says the reverse.",
            likely: &[
                "The handler returns a constant, as liveness should, and is used for readiness",
                "An exception of the database check is caught, and its text put beside status \"healthy\"",
                "The provider is never asked, only whether its key is set",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told: Vec<&Finding> = case
            .of("health/consistent")
            .into_iter()
            .chain(case.of("health/truthful"))
            .filter(|finding| finding.severity > Severity::Advisory)
            .collect();
        let first = told.iter().find(|finding| finding.fails())?;
        let unready = case.of("health/ready");
        let evidence: Vec<String> = told
            .iter()
            .map(|finding| finding.actual.clone())
            .take(3)
            .collect();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("Health cannot be believed: {}", first.title),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Mend what the body or the failing call names; health is only the messenger that kept quiet".to_owned(),
                "Then derive the health status from its parts, in one place, and answer 503 when one is broken".to_owned(),
                "Gate deploys on the call that users make, not on health alone".to_owned(),
            ],
            explains: explained(told.into_iter().chain(unready)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::whole_tests::{causes, first, judged, unexplained};
    use crate::model::exchange::Exchange;

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn seen(status: u16, health: &str) -> [Exchange; 1] {
        [answered(1, &asks::read("/health"), status, JSON, health)]
    }

    #[test]
    fn a_body_that_contradicts_itself_is_named() {
        let mut target = target();
        target.routes.ready = Some("/ready".into());
        let mut seen = seen(200, r#"{"status":"healthy","database":"error"}"#).to_vec();
        seen.push(answered(
            2,
            &asks::read("/ready"),
            503,
            JSON,
            r#"{"status":"not_ready"}"#,
        ));
        let run = judged(&target, &seen);
        assert_eq!(
            first(&run).statement,
            "Health cannot be believed: GET /health says that all is well, and in the same body database: error"
        );
        assert_eq!(unexplained(&run), Vec::<String>::new());
    }

    #[test]
    fn a_provider_that_fails_behind_green_health_routes_is_named_and_the_lie_beside_it() {
        let mut target = target();
        target.routes.ai_health = Some("/ai/health".into());
        let down = r#"{"detail":"The AI provider cannot be reached.","code":"provider_unavailable"}"#;
        let mut seen = seen(200, r#"{"status":"healthy"}"#).to_vec();
        seen.push(answered(
            2,
            &asks::read("/ai/health"),
            200,
            JSON,
            r#"{"status":"healthy"}"#,
        ));
        let proof = asks::proof(&target, &target.proofs[0]);
        let headers = [crate::check::testing::cors(), JSON.to_vec()].concat();
        seen.push(answered(3, &proof, 503, &headers, down));
        let run = judged(&target, &seen);
        assert_eq!(causes(&run), ["upstream-failing", "health-lies"]);
        assert_eq!(unexplained(&run), Vec::<String>::new());
    }

    #[test]
    fn health_that_admits_trouble_does_not_lie() {
        let run = judged(
            &target(),
            &seen(503, r#"{"status":"unhealthy","database":"error"}"#),
        );
        assert!(!causes(&run).contains(&"health-lies"));
    }
}
