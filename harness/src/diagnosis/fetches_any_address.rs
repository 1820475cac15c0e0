//! The service fetches addresses that its callers choose, those inside among them. Server-side request forgery (OWASP API7:2023).

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A URL in the request that the service fetches, inner addresses among them.",
            likely: &[
                "audio_url, webhook or avatar fields are fetched as given",
                "The address is checked by name, and then resolved again or redirected",
                "The HTTP client follows redirects into the network",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
