//! One caller gets another's answer: requests share state that is one request's own.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Marked requests at once, and an answer that holds the mark of another.",
            likely: &[
                "A module variable, a singleton's field or a class attribute holds the request's data",
                "A reused buffer or a pooled client mixes up answers after a cancelled request",
                "A cache key lacks the user or the body",
            ],
        }
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
