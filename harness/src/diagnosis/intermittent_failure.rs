//! The same request fails now and then: k of n, not tied to input. A retry hides it, so it is named before what it looks like.

use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct IntermittentFailure;

impl Cause for IntermittentFailure {
    fn id(&self) -> &'static str {
        "intermittent-failure"
    }

    fn about(&self) -> &'static str {
        "Equal requests fail now and then, k of n, and not by process: a race, a pool, a dependency that wavers."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "Equal requests, of which some get a server error and others an answer, with neither process nor input to tell them apart.",
            likely: &[
                "Two requests race for shared state: a global, a session, a temporary file",
                "A dependency times out now and then, and its failure is not retried or mapped",
                "One worker of several is broken, and does not say which it is",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = seen_itself(
            self,
            case,
            "rollout/same-every-time",
            (Blame::Deploy, Confidence::Certain),
            &[
                "Look in the log for what the failing requests share: a worker, a moment, a dependency, a lock",
                "Do not retry it away: the share of users that it hits is the share that was seen",
            ],
        )?;
        let failed: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.is_server_error())
            .collect();
        let all = case.view.answers().count();
        diagnosis.statement = format!(
            "{} of {all} requests fail with a server error, not tied to what was asked; equal ones work",
            failed.len()
        );
        diagnosis.evidence.extend(words::seen(&failed));
        let findings = case
            .about(&failed)
            .into_iter()
            .chain(words::consequences(case, &failed));
        diagnosis.explains.extend(explained(findings));
        diagnosis.explains.sort();
        diagnosis.explains.dedup();
        Some(diagnosis)
    }
}
