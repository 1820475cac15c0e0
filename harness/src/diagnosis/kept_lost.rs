//! Something is said to be kept, and nobody finds it again.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct KeptLost;

const PLAIN: Plain = Plain {
    cause: "kept-lost",
    check: "journey/kept-is-found",
    blame: Blame::Deploy,
    next: &[
        "Look in the database for the id that was answered: was it written at all?",
        "If it was, compare the query of the read with what was written; if not, look for a commit that fails after the answer",
    ],
};

impl Cause for KeptLost {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A call says that it kept something, and it cannot be read back or is not listed."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A call that answered that it kept something, and a read or a list of it afterwards that does not hold it.",
            likely: &[
                "The answer is written before the transaction is committed, and the commit fails or never comes",
                "It is written to one database and read from another, or from a replica that lags",
                "The list filters on a field that new records do not have yet",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
