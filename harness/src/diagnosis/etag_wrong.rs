//! Caches are told that nothing changed when something did.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct EtagWrong;

const DIRECT: Direct = Direct {
    cause: "etag-wrong",
    check: "caching/validators-follow-content",
    blame: Blame::Deploy,
    next: &[
        "Make the ETag from the bytes that are sent, or send none",
        "Purge the caches in front: they hold old contents under the same ETag",
    ],
    whole_answers: false,
};

impl Cause for EtagWrong {
    fn id(&self) -> &'static str {
        "etag-wrong"
    }

    fn about(&self) -> &'static str {
        "A validator does not follow the content, so caches keep what is no longer so."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
