//! Whoever knows or guesses an Idempotency-Key is answered with what belongs to another.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct IdempotencyShared;

const PLAIN: Plain = Plain {
    cause: "idempotency-shared",
    check: "http/idempotency-scoped",
    blame: Blame::Deploy,
    next: &[
        "Add caller and operation to what an answer is kept under, and drop what was kept so far",
        "Look in the log for one key that came from two callers: whoever was answered with what is not theirs must be told",
    ],
};

impl Cause for IdempotencyShared {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "The answer that is kept under an Idempotency-Key is given to any caller who sends that key."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "One request under a key, the same by another user, and the result of the first in answer to the second.",
            likely: &[
                "Answers are kept under the key alone, without the caller",
                "The key is looked up before the credential is looked at",
                "All callers share one API key behind a gateway, and the gateway knows who they are and does not say",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
