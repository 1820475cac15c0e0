//! TLS 1.0 or 1.1 is accepted.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct OldTls;

impl Cause for OldTls {
    fn id(&self) -> &'static str {
        "old-tls"
    }

    fn about(&self) -> &'static str {
        "The server goes on with a client that knows nothing newer than TLS 1.1, which must not be used any more."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Later,
            blames: &[Blame::Edge],
            needs: "A ClientHello that offers TLS 1.1 and nothing newer was answered with a ServerHello.",
            likely: &[
                "The proxy or load balancer keeps the default of its day, or a security policy of old",
                "The minimum TLS version of the CDN was never raised from 1.0",
                "It was allowed for one old client, and nobody took it back",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "tls/old-versions-refused",
            (Blame::Edge, Confidence::Certain),
            &[
                "Set the oldest version to TLS 1.2 where TLS ends, and reload it",
                "Read its log for clients that still come with TLS 1.0 or 1.1 before it is closed to them",
            ],
        )
    }
}
