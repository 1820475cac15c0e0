//! What the contract forbids is taken for good.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct InvalidInputAccepted;

const DIRECT: Direct = Direct {
    cause: "invalid-input-accepted",
    check: "errors/invalid-input-refused",
    blame: Blame::Deploy,
    next: &[
        "Validate types and encodings where the body is read, before the work begins",
        "Look for what was stored or paid for with such input since the deploy",
    ],
    whole_answers: false,
};

impl Cause for InvalidInputAccepted {
    fn id(&self) -> &'static str {
        "invalid-input-accepted"
    }

    fn about(&self) -> &'static str {
        "The service accepts input that its contract forbids, or that cannot be meant."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Input that the contract forbids, answered with a success, where nobody is let in without a credential.",
            likely: &[
                "Types are coerced: \"1\" for 1, \"yes\" for true (Pydantic's lax mode, ajv coerceTypes)",
                "Base64 is decoded leniently, and what does not fit is dropped",
                "The model of the body is a free map, so that only some fields are looked at",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        // A route without a guard is often one without its whole chain: the guard is mended first.
        if !doors::open_to_all(case).is_empty() {
            return None;
        }
        direct::diagnose(case, &DIRECT)
    }
}
