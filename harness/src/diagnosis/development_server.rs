//! A server that is made for development answers where others use it.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Later,
            blames: &[Blame::Deploy],
            needs: "The Server header, or a page, of a framework's development server, outside this machine.",
            likely: &[
                "flask run, manage.py runserver, uvicorn --reload or next dev is the container's command",
                "The start command of the README was taken over for the deploy",
                "A failed production start falls back to it in a script",
            ],
        }
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
