//! A stand-in answers in place of the model, in production. Status, shape and health are good, and every answer is made up.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct MockLeftOn;

const PLAIN: Plain = Plain {
    cause: "mock-left-on",
    check: "transcription/real-model-answers",
    blame: Blame::Deploy,
    next: &[
        "Unset what switches the stand-in on in this environment",
        "Tell apart what it has answered since then: it is made up",
        "Refuse to start with a stand-in in production",
    ],
};

impl Cause for MockLeftOn {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A stand-in answers in place of the model, in production."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "An answer to real work that names itself a simulator, a mock or a stand-in.",
            likely: &[
                "USE_MOCK or a fake provider's URL is set from a test environment",
                "With no provider key the service falls back to its simulator and says so nowhere",
                "The image was built with a test profile or feature",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
