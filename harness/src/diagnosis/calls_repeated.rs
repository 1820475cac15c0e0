//! One call of a user becomes several calls of the provider: retries inside retries, or everything sent twice.

use crate::diagnosis::case::{Case, Cause};
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

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
