//! A part of the work fails, and the answer says success. An error among the results of a 200 is seen by no client, retry or monitor that looks at the status.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct PartialSuccess;

const PLAIN: Plain = Plain {
    cause: "partial-success",
    check: "transcription/success-is-whole",
    blame: Blame::Deploy,
    next: &[
        "Read the service's log for the step that failed: its error was caught and put into the answer",
        "Answer with the failure's status, or mark what is missing in a way that the contract names",
    ],
};

impl Cause for PartialSuccess {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A part of the work fails, and the answer says success."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A 2xx whose body holds an error among its results.",
            likely: &[
                "Steps run side by side, and gather(return_exceptions=True) or allSettled is not looked at",
                "The concepts step fails and is caught, for the sake of the transcript",
                "A saved result is reported before the database has committed",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
