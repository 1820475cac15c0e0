//! What was made for those who run the service is open to everybody.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct DebugRoutePublic;

const DIRECT: Direct = Direct {
    cause: "debug-route-public",
    check: "exposure/debug-routes",
    blame: Blame::Deploy,
    next: &[
        "Serve internal routes on a port that the edge does not forward, or ask for a credential there",
        "See in the access log who read them",
    ],
    whole_answers: false,
};

impl Cause for DebugRoutePublic {
    fn id(&self) -> &'static str {
        "debug-route-public"
    }

    fn about(&self) -> &'static str {
        "An internal route, such as metrics or the environment, is public."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "A route such as /metrics, /debug or /actuator/env that answers a stranger.",
            likely: &[
                "The exporter or the profiler registers itself on the public router",
                "management.endpoints.web.exposure.include=* in Spring Boot",
                "The rule of the edge that hid it was tied to the old path",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
