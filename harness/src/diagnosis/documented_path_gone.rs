//! A part of the API is not there.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct DocumentedPathGone;

const DIRECT: Direct = Direct {
    cause: "documented-path-gone",
    check: "contract/documented-paths-served",
    blame: Blame::Deploy,
    next: &[
        "Look for the route in the router of this build: a feature flag, a missing import, a renamed file",
        "If it was meant to go, take it out of the contract with its clients",
    ],
    whole_answers: false,
};

impl Cause for DocumentedPathGone {
    fn id(&self) -> &'static str {
        "documented-path-gone"
    }

    fn about(&self) -> &'static str {
        "A documented path is not served by this deploy."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
