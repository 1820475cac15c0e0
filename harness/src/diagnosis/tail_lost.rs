//! Only the beginning of a recording is transcribed. What is said after a pause or a window is lost, behind a 200.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A recording with words after a pause, and a transcript that ends before them.",
            likely: &[
                "Only the first segment or chunk of the recogniser's answer is taken",
                "Voice detection ends the recording at the first pause",
                "A limit on duration cuts the audio (30 s windows) without a word",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
