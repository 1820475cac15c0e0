//! Caches are told that nothing changed when something did.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Cache,
            blames: &[Blame::Deploy],
            needs: "Two contents under one ETag, or 304 where the content has changed.",
            likely: &[
                "The ETag is made of the file's size, time or the build, and not of the content",
                "The validator leaves out the language, the user or the coding",
                "A proxy compresses and keeps a strong ETag",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
