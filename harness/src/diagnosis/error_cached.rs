//! An outage goes on in a cache.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ErrorCached;

const DIRECT: Direct = Direct {
    cause: "error-cached",
    check: "caching/errors-not-cached",
    blame: Blame::Edge,
    next: &[
        "Purge this route in the cache, and ask the service behind it directly",
        "Send Cache-Control: no-store with errors, and turn error caching off at the edge",
    ],
    whole_answers: true,
};

impl Cause for ErrorCached {
    fn id(&self) -> &'static str {
        "error-cached"
    }

    fn about(&self) -> &'static str {
        "A cache goes on giving an error after what caused it is over."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Edge],
            needs: "An error that comes back although what caused it is over, with the marks of a cache.",
            likely: &[
                "The CDN keeps errors by default: CloudFront 10 s for 5xx, Cloudflare 404 for 3 minutes",
                "Cache-Control is set by a middleware for every status alike",
                "proxy_cache_valid any (nginx) was configured for a slow day",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
