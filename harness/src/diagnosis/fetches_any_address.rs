//! The service fetches addresses that its callers choose, those inside among them. Server-side request forgery (OWASP API7:2023).

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct FetchesAnyAddress;

const PLAIN: Plain = Plain {
    cause: "fetches-any-address",
    check: "errors/addresses-not-fetched",
    blame: Blame::Deploy,
    next: &[
        "Switch the field off until it is mended: it opens the service's own network",
        "Resolve first, refuse loopback, link-local and private ranges, then connect to what was resolved",
    ],
};

impl Cause for FetchesAnyAddress {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "The service fetches addresses that its callers choose, those inside among them."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
