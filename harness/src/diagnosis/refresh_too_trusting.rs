//! A session is renewed for what is no good refresh token.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct RefreshTooTrusting;

const PLAIN: Plain = Plain {
    cause: "refresh-too-trusting",
    check: "auth/refresh-refuses",
    blame: Blame::Deploy,
    next: &[
        "Refuse whatever is no refresh token by its own claim, and keep which one of a session is the good one",
        "End the sessions that were renewed with anything else, if the log tells which",
    ],
};

impl Cause for RefreshTooTrusting {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "The operation that renews sessions takes an access token, a changed or a used refresh token."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A renewal that succeeded for a token that must be refused.",
            likely: &[
                "The kind of a token is not looked at: an access token of the same secret passes for a refresh token",
                "The token is read without its signature being verified",
                "A new refresh token is given, and the one before is not crossed out",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
