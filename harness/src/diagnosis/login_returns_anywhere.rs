//! A login sends its caller to whatever address its link names.

use crate::diagnosis::case::{Case, Cause};
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

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
