//! Silence is transcribed as something that nobody said. The recogniser hears words in silence, and nothing between it and the caller asks whether anybody spoke.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SilenceTranscribed;

const PLAIN: Plain = Plain {
    cause: "silence-transcribed",
    check: "transcription/silence-is-silence",
    blame: Blame::Deploy,
    next: &[
        "Send a second of silence to the recogniser by hand: does it invent the same?",
        "Look for speech before transcribing, or drop segments that the recogniser calls no speech",
    ],
};

impl Cause for SilenceTranscribed {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "Silence is transcribed as something that nobody said."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A silent recording that is answered with words.",
            likely: &[
                "Whisper invents phrases from its training in silence, and no_speech_prob is not looked at",
                "A prompt given for spelling is echoed when nothing was said",
                "The recording before is transcribed again",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
