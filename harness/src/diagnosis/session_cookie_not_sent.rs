//! Logging in works, and staying logged in does not.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SessionCookieNotSent;

const DIRECT: Direct = Direct {
    cause: "session-cookie-not-sent",
    check: "exposure/session-cookie-reaches-page",
    blame: Blame::Deploy,
    next: &[
        "For a page on another site set SameSite=None; Secure. Or serve page and API from one site",
        "Log in on the page with the browser's tools open: the cookie is listed with the reason why it was blocked",
    ],
    whole_answers: false,
};

impl Cause for SessionCookieNotSent {
    fn id(&self) -> &'static str {
        "session-cookie-not-sent"
    }

    fn about(&self) -> &'static str {
        "The page's browser does not send the session cookie back, because of SameSite."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "A session cookie, its SameSite, and a page on another site that calls with credentials.",
            likely: &[
                "SameSite=Lax is the default of browsers and libraries, and the page is on another domain",
                "SameSite=None is sent without Secure, which browsers drop",
                "The API moved from the page's domain to one of its own",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
