//! Letters of a text are lost on its way through the service. Somewhere it is encoded as something smaller than Unicode, with replacement.

use crate::diagnosis::case::{Case, Cause};
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

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
