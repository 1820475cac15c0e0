//! A call that says that nothing shall be saved is saved. Previews fill the data of real users.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SavesUnasked;

const PLAIN: Plain = Plain {
    cause: "saves-unasked",
    check: "transcription/preview-saves-nothing",
    blame: Blame::Deploy,
    next: &[
        "Look at the defaults of the flag: which of them overrides a false?",
        "Delete what this run left behind; the answers name it",
    ],
};

/// The same, where only the list of what is kept shows it.
const LISTED: Plain = Plain {
    check: "journey/preview-keeps-nothing",
    ..PLAIN
};

impl Cause for SavesUnasked {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A call that says that nothing shall be saved is saved."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A call that asks for nothing to be saved, and what is found stored afterwards.",
            likely: &[
                "A false value is taken for absent: `save or True`, `if body.save`",
                "The flag is read from the query where it is sent in the body",
                "A hook after the call saves whatever was answered",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case).or_else(|| LISTED.diagnose(case))
    }
}
