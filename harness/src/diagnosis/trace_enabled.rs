//! TRACE sends requests back to whoever sends them.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct TraceEnabled;

const DIRECT: Direct = Direct {
    cause: "trace-enabled",
    check: "http/trace-refused",
    blame: Blame::Deploy,
    next: &[
        "Turn TRACE off in the web server (TraceEnable off) or the router",
        "Send curl -X TRACE from outside again: 405 or 501 is right",
    ],
    whole_answers: false,
};

impl Cause for TraceEnabled {
    fn id(&self) -> &'static str {
        "trace-enabled"
    }

    fn about(&self) -> &'static str {
        "TRACE echoes the request, with the headers that proxies added on the way."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "TRACE that is answered with the request that was sent.",
            likely: &[
                "Apache's TraceEnable is on by default",
                "A route or a servlet takes any method",
                "An old proxy answers TRACE for what stands behind it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
