//! A login sends its caller to whatever address its link names.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct LoginReturnsAnywhere;

const PLAIN: Plain = Plain {
    cause: "login-returns-anywhere",
    check: "auth/login-returns-home",
    blame: Blame::Deploy,
    next: &[
        "Return only to addresses of a list, compared whole, or to paths of the service itself",
        "Look in the access log for addresses that are not yours",
    ],
};

impl Cause for LoginReturnsAnywhere {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A read redirects to whatever address a caller names: a link to the real login ends at a stranger."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A login redirected to an address of another site that the request named.",
            likely: &[
                "The return address is taken from the query without a list of allowed ones",
                "The list is compared by prefix, so https://app.example.evil.example passes",
                "A path that begins with two slashes counts as one of the service",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
