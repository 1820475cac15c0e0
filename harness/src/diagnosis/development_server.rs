//! A server that is made for development answers where others use it.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct DevelopmentServer;

impl Cause for DevelopmentServer {
    fn id(&self) -> &'static str {
        "development-server"
    }

    fn about(&self) -> &'static str {
        "A framework's development server runs where others use it: one request at a time, reloading, perhaps with a debugger."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "rollout/production-server",
            (Blame::Deploy, Confidence::Certain),
            &[
                "Start the application with a production server, and without reload and debug",
                "See whether a debugger or a console answers at its routes, and change what it may have shown",
            ],
        )
    }
}
