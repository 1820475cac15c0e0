//! An instance was replaced during the run, and requests were dropped while it was: the old one stopped before the routing did.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::successions::succession;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct NoDrain;

impl Cause for NoDrain {
    fn id(&self) -> &'static str {
        "no-drain"
    }

    fn about(&self) -> &'static str {
        "Requests are dropped while one instance takes over from another: the old one stops before traffic is led away."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "Answers that name their process. Exactly one change of process, and failures around it alone.",
            likely: &[
                "The process ends at once at SIGTERM, while the balancer still sends it requests",
                "Readiness stays green until the process is gone; no preStop wait",
                "The start command wraps the server in a shell that does not pass SIGTERM on",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let seen = succession(case).filter(|seen| seen.changes == 1)?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "An instance was replaced during the run, and {} requests found nobody while it was",
                seen.lost.len()
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&seen.lost),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Let an instance go on answering for some seconds after it is told to stop, until traffic is led away".to_owned(),
                "Let readiness fail first, then drain, then stop; start the new instance before the old one ends".to_owned(),
                "Run again now that the replacement is over".to_owned(),
            ],
            explains: explained(seen.findings.iter().copied().chain(words::consequences(case, &seen.lost))),
        })
    }
}
