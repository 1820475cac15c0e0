//! Clients that keep to the contract are turned away.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ValidRequestRefused;

const DIRECT: Direct = Direct {
    cause: "valid-request-refused",
    check: "contract/good-requests-accepted",
    blame: Blame::Deploy,
    next: &[
        "Take yesterday's request again: give the new field a default, or the value its old meaning",
        "greenlight diff PINNED SERVED shows whether the served document says so too",
    ],
    whole_answers: true,
};

impl Cause for ValidRequestRefused {
    fn id(&self) -> &'static str {
        "valid-request-refused"
    }

    fn about(&self) -> &'static str {
        "The service refuses a request that its contract allows: a field became required, or a value is no longer taken."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A request that the pinned contract allows, refused with 400, 415 or 422.",
            likely: &[
                "A new field has no default, or extra fields are forbidden since this build (extra=\"forbid\", deny_unknown_fields)",
                "Validation became stricter: a length, a pattern, an enumeration",
                "A parser's major version reads numbers, dates or null in another way (Pydantic 1 to 2)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
