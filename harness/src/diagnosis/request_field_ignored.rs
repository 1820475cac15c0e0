//! A field of the request is not read any more.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct RequestFieldIgnored;

const DIRECT: Direct = Direct {
    cause: "request-field-ignored",
    check: "contract/request-fields-kept",
    blame: Blame::Deploy,
    next: &[
        "Look for a rename between the contract's name of the field and the one that is read",
        "Read it under both names until every client sends the new one",
    ],
    whole_answers: false,
};

impl Cause for RequestFieldIgnored {
    fn id(&self) -> &'static str {
        "request-field-ignored"
    }

    fn about(&self) -> &'static str {
        "A request field has no effect, and nothing says so."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A documented request field whose value changes nothing in the answer.",
            likely: &[
                "The field was renamed in the model, and unknown fields are dropped silently",
                "An alias (camelCase) is written and not read: populate_by_name is missing in Pydantic, rename_all in serde",
                "The value is read and overwritten by a default later",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
