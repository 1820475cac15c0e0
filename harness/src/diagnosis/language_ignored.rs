//! The language that a caller asks for has no effect: the recogniser hears everything as one language.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::foreign::{self, Said};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct LanguageIgnored;

impl Cause for LanguageIgnored {
    fn id(&self) -> &'static str {
        "language-ignored"
    }

    fn about(&self) -> &'static str {
        "The language that is asked for has no effect: speech in another one comes back as something else."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Speech in another language, asked for by its code, that comes back as words of a third or as another language.",
            likely: &[
                "The request's language is not passed to the recogniser, or under another name",
                "A default language in the recogniser's settings wins over the request's",
                "An English-only model is deployed (whisper small.en)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        foreign::diagnose(
            case,
            Said::Another,
            self.id(),
            "hears everything as one language, whatever is asked for",
            &[
                "Look at what the recogniser is sent: does the request's language reach it?",
                "Look for a default language between the request and the recogniser's client",
            ],
        )
    }
}
