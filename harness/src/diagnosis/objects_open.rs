//! A guard asks who the caller is, and nobody asks whose the thing is: whoever counts through the ids reads everything.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ObjectsOpen;

const PLAIN: Plain = Plain {
    cause: "objects-open",
    check: "auth/objects-guarded",
    blame: Blame::Deploy,
    next: &[
        "Look things up by id and owner together, in one query",
        "Look at every other operation with an id in its path: they are written alike",
        "Look in the access log for callers who count through ids",
    ],
};

impl Cause for ObjectsOpen {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "One user reads what belongs to another: objects are looked up by their id alone."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A second credential read an object that the first one created, and no contract says that it is shared.",
            likely: &[
                "The query looks for the id alone, and the owner is compared nowhere",
                "The owner is compared on the list, and forgotten on the single object",
                "Numbers that count up make every neighbour's object a guess away",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
