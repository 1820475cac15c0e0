//! The service says itself that it is not well.

use crate::check::health::admits_trouble;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct SaysUnhealthy;

impl Cause for SaysUnhealthy {
    fn id(&self) -> &'static str {
        "says-unhealthy"
    }

    fn about(&self) -> &'static str {
        "Health or readiness says that the service is not well, and why."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Health,
            blames: &[Blame::Deploy, Blame::Upstream],
            needs: "A health or readiness route whose status or body says what is broken.",
            likely: &[
                "The database's or cache's address or password is wrong in this deploy",
                "A dependency is down or still starts",
                "A provider's key is missing, and readiness demands it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<&Finding> = [
            "health/healthy",
            "health/ready",
            "health/ai-healthy",
            "health/truthful",
        ]
        .into_iter()
        .flat_map(|check| case.of(check))
        .filter(|finding| {
            let reply = case.shown(finding).and_then(|exchange| exchange.answer());
            reply.is_some_and(admits_trouble)
        })
        .collect();
        let first = *found.iter().find(|finding| finding.fails())?;
        let shown: Vec<_> = found.iter().filter_map(|finding| case.shown(finding)).collect();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{}: {}", first.title, first.actual),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&shown),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look at the part that the body names: its address and credential in this deploy, and whether it is up".to_owned(),
                "Read the service's log from its start on".to_owned(),
            ],
            explains: explained(found),
        })
    }
}
