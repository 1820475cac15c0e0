//! A session can be taken by a script or a wire.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SessionCookieUnsafe;

const DIRECT: Direct = Direct {
    cause: "session-cookie-unsafe",
    check: "exposure/session-cookie-guarded",
    blame: Blame::Deploy,
    next: &[
        "Set HttpOnly and Secure where the session is configured",
        "Sessions that exist keep their old cookie: end them, or let them expire",
    ],
    whole_answers: false,
};

impl Cause for SessionCookieUnsafe {
    fn id(&self) -> &'static str {
        "session-cookie-unsafe"
    }

    fn about(&self) -> &'static str {
        "The session cookie lacks HttpOnly or Secure."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "A session cookie in Set-Cookie without HttpOnly or Secure.",
            likely: &[
                "The default of the library (SESSION_COOKIE_SECURE=False in Django and Flask) was kept",
                "The application believes to be on http behind its proxy, and leaves Secure out",
                "The front end wanted to read the cookie once",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
