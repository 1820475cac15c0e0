//! The door is open: nobody is asked for a credential. Everything that is accepted besides follows from it.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct AuthNotEnforced;

impl Cause for AuthNotEnforced {
    fn id(&self) -> &'static str {
        "auth-not-enforced"
    }

    fn about(&self) -> &'static str {
        "An operation that needs a credential works without one."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A protected operation that answers a call without any credential with a success.",
            likely: &[
                "The guard's dependency or decorator is missing from the route, or from a router that was added lately",
                "A switch such as AUTH_DISABLED or a test override (dependency_overrides) is set in this deploy",
                "The gateway used to authenticate, and the service is now reached past it",
                "A guard that is optional by default: auto_error=False, passport without failure handling",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let open = doors::open_to_all(case);
        let operations = doors::operations(case, &open);
        let shown = doors::shown(case, &open);
        let first = shown.first()?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{} works without a credential (HTTP {})",
                operations.join(", "),
                first.status()?
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&shown),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Take the route offline, or put a rule in front of it that demands the Authorization header".to_owned(),
                "Look for a test switch or an override of authentication that is set in this deploy, then for the guard \
                 that this route lacks"
                    .to_owned(),
                "Look in the access log for calls without a credential since the deploy".to_owned(),
            ],
            explains: explained(doors::of_operations(case, &operations)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::target;
    use crate::diagnosis::tests::{good, inert, judged, proof};
    use crate::model::probe::Mutation::{AlgNone, Empty, Garbage, Tampered, Truncated};

    #[test]
    fn an_open_door_is_the_one_cause_of_everything_that_is_accepted() {
        let mut seen = vec![inert(1, None, 200, "{}"), good(2, 200, "{}"), proof(3, 200, "{}")];
        for (id, mutation) in (4..).zip([Empty, Garbage, Truncated, AlgNone, Tampered]) {
            seen.push(inert(id, Some(mutation), 200, "{}"));
        }
        let run = judged(&target(), &seen);
        let causes: Vec<&str> = run
            .diagnoses
            .iter()
            .map(|diagnosis| diagnosis.cause.as_str())
            .collect();
        assert_eq!(causes, ["auth-not-enforced"]);
        assert_eq!(
            run.headline,
            "POST /summaries works without a credential (HTTP 200)"
        );
        let auth = run
            .findings
            .iter()
            .filter(|finding| finding.check.starts_with("auth/"));
        for finding in auth {
            assert_eq!(
                finding.explained_by.as_deref(),
                Some("auth-not-enforced"),
                "{finding:#?}"
            );
        }
    }

    #[test]
    fn a_refusal_with_another_status_is_no_open_door() {
        let seen = [inert(1, None, 403, "{}"), good(2, 400, "{}"), proof(3, 200, "{}")];
        assert_eq!(judged(&target(), &seen).diagnoses, []);
    }
}
