//! The certificate is about to expire, and its renewal did not run.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CertificateRunsOut;

impl Cause for CertificateRunsOut {
    fn id(&self) -> &'static str {
        "certificate-runs-out"
    }

    fn about(&self) -> &'static str {
        "The certificate has less than a tenth of its lifetime left, so its renewal has failed for a while."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Later,
            blames: &[Blame::Edge],
            needs: "The certificate's dates: less than a tenth of its lifetime is left.",
            likely: &[
                "The renewal's timer or container stopped, or its mail goes to nobody",
                "The domain check fails: port 80 is closed, a CAA record forbids, the DNS token expired",
                "It was renewed on disk, and the server was not reloaded",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "tls/certificate-lasts",
            (Blame::Edge, Confidence::Certain),
            &[
                "Renew the certificate by hand now",
                "Read the log of the renewal: a moved record, a closed port 80 and an expired DNS token are the usual reasons",
            ],
        )
    }
}
