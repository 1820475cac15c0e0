//! Concepts do not depend on the text: an example, a cache or a stand-in answers. Transcripts are right, and what is drawn from them is the same for everybody.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ConceptsCanned;

const PLAIN: Plain = Plain {
    cause: "concepts-canned",
    check: "transcription/concepts-follow-the-text",
    blame: Blame::Deploy,
    next: &[
        "Look at what the language model is sent: does the text reach it?",
        "Look for a cache in front of the model, and what it is keyed by",
    ],
};

impl Cause for ConceptsCanned {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "Concepts do not depend on the text: an example, a cache or a stand-in answers."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
