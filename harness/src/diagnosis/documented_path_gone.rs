//! A part of the API is not there.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A path of the contract that is 404 for every method.",
            likely: &[
                "The module with the routes is not imported any more, or its registration fails and is caught",
                "A feature flag that is off in this environment",
                "The proxy forwards some paths only, and this one was not added",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
