//! Audio that is spelt or labelled otherwise is decoded to something else, and that is transcribed. The decoder skips what it does not know, or believes the label.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct AudioMisread;

const PLAIN: Plain = Plain {
    cause: "audio-misread",
    check: "transcription/spellings-heard-or-refused",
    blame: Blame::Deploy,
    next: &[
        "Decode base64 strictly (in Python b64decode(…, validate=True)), and answer 400 when it fails",
        "Tell the container by its first bytes, not by the name or media type that came with it",
    ],
};

impl Cause for AudioMisread {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "Audio that is spelt or labelled otherwise is decoded to something else, and that is transcribed."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A recording whose base64 or label was spelt otherwise answered with words that were not spoken.",
            likely: &[
                "The decoder drops characters that it does not know: Python b64decode without validate=True, Buffer.from in Node",
                "The container is taken from the declared media type or file name instead of the first bytes",
                "A data URL is decoded whole, prefix included",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
