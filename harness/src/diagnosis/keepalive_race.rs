//! Idle connections are closed under requests that are already on their way.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct KeepaliveRace;

impl Cause for KeepaliveRace {
    fn id(&self) -> &'static str {
        "keepalive-race"
    }

    fn about(&self) -> &'static str {
        "An idle connection is closed sooner than those who use it expect, so requests on used connections are lost now and then."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Hidden,
            blames: &[Blame::Edge],
            needs: "Requests on a connection that had been idle for a while and was closed under them.",
            likely: &[
                "The application closes idle connections (uvicorn after 5 s, Node after 5 s) sooner than the balancer does (AWS after 60 s)",
                "A firewall or NAT forgets idle connections without telling either end",
                "The server ends a connection after a number of requests without announcing it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "edge/keep-alive",
            (Blame::Edge, Confidence::Likely),
            &[
                "Compare the application's keep-alive time with the idle time of what stands in front: the application's must be the longer one",
                "gunicorn --keep-alive, uvicorn --timeout-keep-alive, Node's server.keepAliveTimeout: the defaults are 2 to 5 s",
            ],
        )
    }
}
