//! The framework runs in the mode of its developers.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct DebugModeOn;

const DIRECT: Direct = Direct {
    cause: "debug-mode-on",
    check: "exposure/no-debug-page",
    blame: Blame::Deploy,
    next: &[
        "Turn debug mode off in this deploy and start it again",
        "Take every secret that the page may have shown for known, and replace it",
    ],
    whole_answers: false,
};

impl Cause for DebugModeOn {
    fn id(&self) -> &'static str {
        "debug-mode-on"
    }

    fn about(&self) -> &'static str {
        "Debug mode is on: errors show settings, routes and variables to strangers."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "An error page with the marks of a framework's debug mode.",
            likely: &[
                "DEBUG=True or FLASK_DEBUG=1 comes from a default or an old environment file",
                "The mode was switched on to look at an incident",
                "Express prints errors in full when NODE_ENV is not production",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
