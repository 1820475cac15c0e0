//! One request is read as two, so what a stranger sends can be put before somebody else's request.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct RequestsSmuggled;

impl Cause for RequestsSmuggled {
    fn id(&self) -> &'static str {
        "requests-smuggled"
    }

    fn about(&self) -> &'static str {
        "A request that tells its length in two ways is read as two requests: what one reader takes for a body is the next \
         request for another."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "One request with two lengths on a connection of its own got two answers, of which the second is that of \
                    the request in its body.",
            likely: &[
                "An old proxy or server goes by Content-Length where Transfer-Encoding is there as well",
                "A server or gateway written by hand takes the first or the last of two Content-Length",
                "A setting that forgives malformed requests is on, such as Node's insecureHTTPParser",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "edge/two-lengths-refused",
            (Blame::Edge, Confidence::Certain),
            &[
                "Find who answered: the log of the service shows whether a request id that ends in -hidden came through",
                "Update that proxy or server, and refuse requests with both lengths before they are handed on",
                "Until then let the proxy open a connection of its own for each request to the service",
            ],
        )
    }
}
