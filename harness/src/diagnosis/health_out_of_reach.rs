//! The health route is there for people or for users, not for machines.

use crate::check::health::is_page;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct HealthOutOfReach;

impl Cause for HealthOutOfReach {
    fn id(&self) -> &'static str {
        "health-out-of-reach"
    }

    fn about(&self) -> &'static str {
        "Health asks for a credential, redirects, or is answered by a web page, so that no platform can read it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::ShutDoor,
            blames: &[Blame::Deploy],
            needs: "A health route that answers with 401, 403, a redirect or a web page.",
            likely: &[
                "A global guard or an https redirect was added and health not exempted (SECURE_SSL_REDIRECT in Django)",
                "The single-page application's catch-all is routed before health",
                "Health moved to an internal port, and the platform still asks the public one",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<&Finding> = ["health/healthy", "health/ready", "health/ai-healthy"]
            .into_iter()
            .flat_map(|check| case.of(check))
            .filter(|finding| finding.fails() && is_out_of_reach(case, finding))
            .collect();
        let first = *found.first()?;
        let shown: Vec<_> = found.iter().filter_map(|finding| case.shown(finding)).collect();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: first.title.clone(),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&shown),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Leave the health route out of the layer that authenticates and redirects, and route it before the front end".to_owned(),
                "Ask it as the platform does: a plain GET without a credential must give 200 and no page".to_owned(),
            ],
            explains: explained(case.about(&shown)),
        })
    }
}

/// Whether the answer is not the health handler's at all.
fn is_out_of_reach(case: &Case<'_>, finding: &Finding) -> bool {
    let reply = case.shown(finding).and_then(|exchange| exchange.answer());
    reply.is_some_and(|reply| matches!(reply.status, 300..=399 | 401 | 403) || is_page(reply))
}
