//! Speech in another language comes back translated, under the right language: the wrong operation is asked for.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::foreign::{self, Said};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SpeechTranslated;

impl Cause for SpeechTranslated {
    fn id(&self) -> &'static str {
        "speech-translated"
    }

    fn about(&self) -> &'static str {
        "Speech is translated where it should be transcribed: the language is named right, and the words are another one's."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Speech whose language is named right, and whose words are those of another language.",
            likely: &[
                "The translations endpoint or task=translate is called in place of transcriptions",
                "The prompt of a multimodal model is in English and makes it answer in English",
                "A post-processing step normalises everything into one language",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        foreign::diagnose(
            case,
            Said::Asked,
            self.id(),
            "names the right language and gives words of another one, as a translation does",
            &[
                "See which operation or task the recogniser is asked for: transcribe, not translate",
                "Some models only translate: see which one this environment names",
            ],
        )
    }
}
