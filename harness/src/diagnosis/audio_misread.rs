//! Audio that is spelt or labelled otherwise is decoded to something else, and that is transcribed. The decoder skips what it does not know, or believes the label.

use crate::diagnosis::case::{Case, Cause};
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

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
