//! The contract promises that a request may be repeated under a key, and the key is not looked at.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct IdempotencyIgnored;

const PLAIN: Plain = Plain {
    cause: "idempotency-ignored",
    check: "http/idempotency-kept",
    blame: Blame::Deploy,
    next: &[
        "Keep the key with its result, in the same transaction, and answer a repeat from it",
        "Until then tell clients not to repeat, and look for what was done twice",
    ],
};

impl Cause for IdempotencyIgnored {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A request that is repeated under its Idempotency-Key is done again."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "The contract documents Idempotency-Key, and two equal requests under one key were both carried out.",
            likely: &[
                "The header is documented, and no handler reads it",
                "Keys live in the memory of one process, and the repeat reached another",
                "The result is stored after the work, so a repeat that comes early finds nothing",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
