//! Health looks at something slow, and has no time limit of its own.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct HealthSlow;

impl Cause for HealthSlow {
    fn id(&self) -> &'static str {
        "health-slow"
    }

    fn about(&self) -> &'static str {
        "Health takes longer than platforms wait."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Health,
            blames: &[Blame::Deploy],
            needs: "The health route several times, always slower than platforms wait.",
            likely: &[
                "Each probe calls the provider or runs a heavy query",
                "A dependency that cannot be reached is waited for until its long default limit",
                "DNS of a dependency fails over several resolvers at every probe",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<&Finding> = case.of("health/quick");
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
                "Give every dependency check in health a limit well below a second".to_owned(),
                "Raise the platform's limit only until that is done: it restarts good instances now"
                    .to_owned(),
            ],
            explains: explained(found),
        })
    }
}
