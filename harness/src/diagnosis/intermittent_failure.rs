//! The same request fails now and then: k of n, not tied to input. A retry hides it, so it is named before what it looks like.

use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
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
