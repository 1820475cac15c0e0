//! One call of a user becomes several calls of the provider: retries inside retries, or everything sent twice.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct CallsRepeated;

const PLAIN: Plain = Plain {
    cause: "calls-repeated",
    check: "transcription/one-call-each",
    blame: Blame::Deploy,
    next: &[
        "Count the places that try again: client library, wrapper, queue, proxy; keep one of them",
        "Send an idempotency key with what costs money, and never repeat what was answered",
    ],
};

impl Cause for CallsRepeated {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "One call becomes several calls of the provider, and each of them costs."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "One call of the run, and the number of calls at the provider that it made.",
            likely: &[
                "The provider's client retries (openai: twice by default) inside a retry of the service",
                "A time limit shorter than the provider's usual time, after which the call is sent again",
                "Work that both a queue and the request carry out",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
