//! A cache keeps what was made for one user and gives it to the next.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct CachedForAnotherUser;

const PLAIN: Plain = Plain {
    cause: "cached-for-another-user",
    check: "caching/one-answer-per-user",
    blame: Blame::Deploy,
    next: &[
        "Empty the cache now, and let it bypass whatever carries a credential",
        "Answer such reads with Cache-Control: private, no-store",
        "Look for the rule of the cache that keeps everything, or that ignores headers",
    ],
};

impl Cause for CachedForAnotherUser {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A cache in front gives one user what belongs to another."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
