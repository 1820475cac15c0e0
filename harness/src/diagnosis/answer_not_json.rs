//! An answer is called JSON and is none, so no client can read it. Usually NaN or Infinity, which some encoders write and no parser of the standard reads.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct AnswerNotJson;

const PLAIN: Plain = Plain {
    cause: "answer-not-json",
    check: "errors/json-is-json",
    blame: Blame::Deploy,
    next: &[
        "Find the number that could not be computed, and write null for it",
        "Make the JSON encoder strict, so that the next one is an error in a test",
    ],
};

impl Cause for AnswerNotJson {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "An answer is called JSON and is none, so no client can read it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "An answer called application/json that no parser of the standard reads.",
            likely: &[
                "NaN or Infinity from a score, which Python's json.dumps writes by default",
                "Two documents, a trailing comma or a log line are written into one body",
                "A text is sent as JSON without quotes",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
