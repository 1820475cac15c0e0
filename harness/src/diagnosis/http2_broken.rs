//! HTTP/2 answers are malformed: browsers see a network error, and every test over HTTP/1.1 is green.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct Http2Broken;

impl Cause for Http2Broken {
    fn id(&self) -> &'static str {
        "http2-broken"
    }

    fn about(&self) -> &'static str {
        "Answers over HTTP/2 are malformed, most often by a header that belongs to one HTTP/1.1 connection, and fine over HTTP/1.1."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge],
            needs: "The same request over HTTP/2 and over HTTP/1.1: malformed there, well here.",
            likely: &[
                "The application or a middleware sets Connection, Keep-Alive or Transfer-Encoding, which HTTP/2 forbids",
                "A proxy hands header fields of an HTTP/1.1 origin on without dropping those of one hop",
                "Header names with capitals are written by hand into HTTP/2 frames",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "reach/http2-works",
            (Blame::Edge, Confidence::Certain),
            &[
                "curl -sv --http2 and curl -sv --http1.1 show the difference",
                "Find who adds Connection, Keep-Alive or Transfer-Encoding to answers, and remove it there or at the proxy",
            ],
        )
    }
}
