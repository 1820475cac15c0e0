//! The first call after a start fails, and no other: something is made ready by whoever comes first.

use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct FirstCallFails;

impl Cause for FirstCallFails {
    fn id(&self) -> &'static str {
        "first-call-fails"
    }

    fn about(&self) -> &'static str {
        "The first call of an operation fails and every later one works, the same among them: an initialisation in the way."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "One server error, on the first accepted call of an operation, and at least two successes of the same operation after it.",
            likely: &[
                "A model, a client or a connection is made by the first caller, and that takes too long or races",
                "A stale pooled connection from before a fork or a snapshot is used first",
                "A lazy migration or cache fill fails once and is never reported",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("rollout/same-every-time");
        let [only] = found.as_slice() else { return None };
        let failed: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.is_server_error())
            .collect();
        let [first] = failed.as_slice() else { return None };
        let operation = first.probe.operation();
        // Among calls that were meant to be accepted: what is refused never came that far.
        let later = case.view.exchanges.iter().filter(|exchange| {
            exchange.at >= first.at
                && exchange.id != first.id
                && exchange.probe.operation() == operation
                && exchange.status().is_some_and(|status| status < 300)
        });
        let worked_before = case.view.exchanges.iter().any(|exchange| {
            exchange.at < first.at
                && exchange.probe.operation() == operation
                && exchange.status().is_some_and(|status| status < 300)
        });
        let later = later.count();
        if worked_before || later < 2 || !only.exchanges.contains(&first.id) {
            return None;
        }
        let mut diagnosis = seen_itself(
            self,
            case,
            "rollout/same-every-time",
            (Blame::Deploy, Confidence::Likely),
            &[
                "Read the log of the first call after the start: a model, a client or a connection that is made by the first caller",
                "Make it ready before the process says that it is ready, so that no user is the first",
            ],
        )?;
        diagnosis.statement = format!(
            "The first call of {operation} fails with HTTP {}, and the {later} after it work; a retry hides it",
            first.status().unwrap_or_default()
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
