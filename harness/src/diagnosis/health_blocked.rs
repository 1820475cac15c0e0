//! Work starves the health route.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct HealthBlocked;

impl Cause for HealthBlocked {
    fn id(&self) -> &'static str {
        "health-blocked"
    }

    fn about(&self) -> &'static str {
        "Health waits behind the calls that are being worked on: a blocked event loop, or a pool without a free thread."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Deploy],
            needs: "Health asked alone and again while a good call is worked on, and how long each took.",
            likely: &[
                "A synchronous HTTP client, model or file read inside an async handler (FastAPI async def, tokio task)",
                "One synchronous worker serves everything: gunicorn with its default of one",
                "The health handler takes a connection from the pool that the work has emptied",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<&Finding> = case.of("health/independent");
        let first = *found.iter().find(|finding| finding.fails())?;
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
                "Look for a blocking call in an async handler: a synchronous client, file or sleep"
                    .to_owned(),
                "Give the work a pool of its own, and keep a worker free for health".to_owned(),
            ],
            explains: explained(found),
        })
    }
}
