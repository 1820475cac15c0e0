//! Only the beginning of a recording is transcribed. What is said after a pause or a window is lost, behind a 200.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct TailLost;

const PLAIN: Plain = Plain {
    cause: "tail-lost",
    check: "transcription/whole-recording-heard",
    blame: Blame::Deploy,
    next: &[
        "Look at how the recogniser's segments are put together: is only the first one taken?",
        "Look for a limit on duration or chunks on the way",
    ],
};

impl Cause for TailLost {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "Only the beginning of a recording is transcribed."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
