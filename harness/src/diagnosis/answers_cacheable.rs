//! Caches that many share are allowed to keep what one caller was told.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct AnswersCacheable;

const DIRECT: Direct = Direct {
    cause: "answers-cacheable",
    check: "caching/private-answers",
    blame: Blame::Deploy,
    next: &[
        "Send Cache-Control: no-store, or private, with every answer to a credential",
        "If a CDN stands in front, purge these routes now: it may have given them to others",
    ],
    whole_answers: false,
};

impl Cause for AnswersCacheable {
    fn id(&self) -> &'static str {
        "answers-cacheable"
    }

    fn about(&self) -> &'static str {
        "Answers to a credential may be stored by shared caches and given to others."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Cache,
            blames: &[Blame::Deploy],
            needs: "An answer to a credential whose Cache-Control lets shared caches keep it.",
            likely: &[
                "A middleware or the CDN's preset sets public, max-age for everything",
                "The header was meant for assets and matches /api too",
                "s-maxage was added to take load off a slow read",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
