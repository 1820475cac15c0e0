//! An outage goes on in a cache.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ErrorCached;

const DIRECT: Direct = Direct {
    cause: "error-cached",
    check: "caching/errors-not-cached",
    blame: Blame::Edge,
    next: &[
        "Purge this route in the cache, and ask the service behind it directly",
        "Send Cache-Control: no-store with errors, and turn error caching off at the edge",
    ],
    whole_answers: true,
};

impl Cause for ErrorCached {
    fn id(&self) -> &'static str {
        "error-cached"
    }

    fn about(&self) -> &'static str {
        "A cache goes on giving an error after what caused it is over."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
