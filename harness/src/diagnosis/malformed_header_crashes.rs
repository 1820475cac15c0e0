//! A header that only tracing reads breaks requests that would have worked.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct MalformedHeaderCrashes;

const DIRECT: Direct = Direct {
    cause: "malformed-header-crashes",
    check: "http/odd-headers-survived",
    blame: Blame::Deploy,
    next: &[
        "Parse the header so that failure means absent, and start a new trace",
        "Read the service's log for this request: the parser's exception is there",
    ],
    whole_answers: true,
};

impl Cause for MalformedHeaderCrashes {
    fn id(&self) -> &'static str {
        "malformed-header-crashes"
    }

    fn about(&self) -> &'static str {
        "A malformed header of tracing, such as traceparent, crashes the request."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A request with a malformed traceparent, baggage or similar header that fails, and the same without it that works.",
            likely: &[
                "The tracing middleware parses the header without a guard",
                "Propagated context is written into a log format or a typed field that cannot hold it",
                "An outdated version of the OpenTelemetry or Sentry integration",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        // What it costs is a crash, which is a finding of its own; this one says why.
        direct::of(case, &DIRECT, case.of(DIRECT.check))
    }
}
