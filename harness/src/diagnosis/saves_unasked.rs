//! A call that says that nothing shall be saved is saved. Previews fill the data of real users.

use crate::diagnosis::case::{Case, Cause};
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

impl Cause for SavesUnasked {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A call that says that nothing shall be saved is saved."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
