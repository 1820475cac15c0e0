//! Letters of a text are lost on its way through the service. Somewhere it is encoded as something smaller than Unicode, with replacement.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct TextMangled;

const PLAIN: Plain = Plain {
    cause: "text-mangled",
    check: "transcription/unicode-kept",
    blame: Blame::Deploy,
    next: &[
        "Follow the text from the request to the store: where does it first hold a question mark?",
        "Use UTF-8 at every step (in MySQL utf8mb4), and let an encoding that cannot hold a letter fail",
    ],
};

impl Cause for TextMangled {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "Letters of a text are lost on its way through the service."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A text in several scripts came back with letters missing or replaced.",
            likely: &[
                "An encoding step with errors=\"replace\" or \"ignore\", or ASCII with a fallback",
                "A column in latin1 or three byte utf8 (MySQL utf8 is not UTF-8)",
                "Text is cut by bytes in the middle of a letter",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
