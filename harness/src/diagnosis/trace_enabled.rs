//! TRACE sends requests back to whoever sends them.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
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

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
