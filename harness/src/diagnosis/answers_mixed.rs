//! One caller gets another's answer: requests share state that is one request's own.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct AnswersMixed;

impl Cause for AnswersMixed {
    fn id(&self) -> &'static str {
        "answers-mixed"
    }

    fn about(&self) -> &'static str {
        "Callers at the same time get each other's results, which gives one caller's data to another."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "rollout/answers-not-mixed",
            (Blame::Deploy, Confidence::Certain),
            &[
                "Stop serving until it is mended: every answer may be somebody else's",
                "Look for module variables, fields of singletons and reused buffers that hold a request or its result",
                "Send marked requests at once against each earlier build, to find since when",
            ],
        )
    }
}
