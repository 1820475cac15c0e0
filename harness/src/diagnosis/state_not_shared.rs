//! What was created lives in the memory of one process: the next one does not know it, and a restart forgets it.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct StateNotShared;

const PLAIN: Plain = Plain {
    cause: "state-not-shared",
    check: "rollout/kept-everywhere",
    blame: Blame::Deploy,
    next: &[
        "Look for a dictionary, a cache or a file of the process that holds it",
        "Keep it where every process looks: the database or a shared cache",
        "Until then let one process serve, and expect a deploy to lose everything",
    ],
};

impl Cause for StateNotShared {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "What was created is known to some processes only, or to none a moment later."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Something was created with success, and a fresh connection was told that it is not there.",
            likely: &[
                "A dictionary or a cache of the process holds it, and there are several processes",
                "A file on a disk that each replica has for itself, or that a deploy wipes",
                "Reads go to a replica of the database that lags behind",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = PLAIN.diagnose(case)?;
        // A key that one process keeps is unknown to the next as well.
        let forgotten = case.of("http/idempotency-kept");
        diagnosis.explains.extend(explained(forgotten));
        Some(diagnosis)
    }
}
