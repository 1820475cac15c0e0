//! A deletion is answered as done, and nothing is deleted.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct DeleteWithoutEffect;

const PLAIN: Plain = Plain {
    cause: "delete-without-effect",
    check: "journey/deleted-is-gone",
    blame: Blame::Deploy,
    next: &[
        "Look in the database whether the record is there after its DELETE",
        "Until then tell nobody that their data is gone, and keep a list of what was asked to be deleted",
    ],
};

impl Cause for DeleteWithoutEffect {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A DELETE succeeds or is refused, and what it should delete is still there."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Something that was read, its DELETE, and a read afterwards that still finds it.",
            likely: &[
                "The deletion is not committed, or its statement matches no row and nobody looks at how many it did",
                "A flag is set that the read does not look at",
                "A cache goes on answering what was deleted",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
