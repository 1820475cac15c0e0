//! The API answers without TLS, and somebody will use it so.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct PlainHttp;

impl Cause for PlainHttp {
    fn id(&self) -> &'static str {
        "plain-http"
    }

    fn about(&self) -> &'static str {
        "The API answers over plain HTTP, where tokens and data go over the wire in the clear."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Later,
            blames: &[Blame::Edge],
            needs: "The API answers over http://, on its own port or as the base of the run.",
            likely: &[
                "The redirect to https is configured for the site and not for the API's host",
                "The load balancer's listener on port 80 forwards in place of redirecting",
                "The service's port is published beside the proxy's",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "tls/only-tls",
            (Blame::Edge, Confidence::Certain),
            &[
                "Redirect the port without TLS to TLS, or close it",
                "Look in its log for calls with credentials, and replace the tokens that came in the clear",
            ],
        )
    }
}
