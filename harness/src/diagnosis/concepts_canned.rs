//! Concepts do not depend on the text: an example, a cache or a stand-in answers. Transcripts are right, and what is drawn from them is the same for everybody.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Different texts that give the same concepts.",
            likely: &[
                "The prompt's example is returned, since the text never gets into the template",
                "The cache of the extraction is keyed by user or model alone",
                "A fallback list stands in for a failed extraction",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
