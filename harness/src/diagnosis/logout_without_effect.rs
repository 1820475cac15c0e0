//! A logout ends nothing.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct LogoutWithoutEffect;

impl Cause for LogoutWithoutEffect {
    fn id(&self) -> &'static str {
        "logout-without-effect"
    }

    fn about(&self) -> &'static str {
        "A credential works after its logout, until it expires, for whoever has it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A protected read worked with a credential, its logout succeeded, and the read worked again.",
            likely: &[
                "Tokens are verified by their signature alone, and the logout only clears the browser's copy",
                "The list of what was logged out is kept in one process, and another one answers",
                "The list is written to a store that the guard does not read, or a cache of sessions outlives it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "auth/logout-ends-session",
            (Blame::Deploy, Confidence::Certain),
            &[
                "Ask on every call whether the session is over, in a store that all processes share",
                "Until then make tokens short-lived, so that what is left behind ends soon",
            ],
        )
    }
}
