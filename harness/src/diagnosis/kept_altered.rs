//! What is read back is not what was kept.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct KeptAltered;

const PLAIN: Plain = Plain {
    cause: "kept-altered",
    check: "journey/kept-is-unaltered",
    blame: Blame::Deploy,
    next: &[
        "Look at the record in the database: is the field wrong there, or only in the answer?",
        "Follow the field by name through request, model, statement and answer; then look for records that this build has damaged",
    ],
};

impl Cause for KeptAltered {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A field of what is kept comes back cut, empty or under another name."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A call that kept something, and a read of it in which a field differs from what was sent or answered.",
            likely: &[
                "The name of the field differs between request, model and database, so that it is dropped on the way",
                "A column is too short, and the database cuts what does not fit",
                "The answer is made from the request, and only the record shows what was really stored",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
