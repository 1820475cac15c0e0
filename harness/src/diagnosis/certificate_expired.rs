//! The certificate is past its last day: no client with a right clock connects any more.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::handshake::{Reading, refused};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CertificateExpired;

impl Cause for CertificateExpired {
    fn id(&self) -> &'static str {
        "certificate-expired"
    }

    fn about(&self) -> &'static str {
        "The certificate has expired, so no client connects any more."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge],
            needs: "The TLS handshake of every request, or of all with one address of the name, ended at the certificate's last date.",
            likely: &[
                "The automatic renewal has failed for weeks: a moved DNS record, a CAA record, a closed port 80",
                "The new certificate lies on disk, and the server or the balancer still shows the old one",
                "A certificate was uploaded by hand, and nobody holds its date",
                "The clock of the checker is far ahead, when the dates that are served are good",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let refused = refused(case, "certificate expired")?;
        let reading = Reading {
            cause: self.id(),
            what: "its certificate has expired",
            blame: Blame::Edge,
            confidence: Confidence::Certain,
            next: &[
                "Renew the certificate; then find out why the renewal did not run",
                "See the dates that are served:  openssl s_client -connect {peer} -servername {host} </dev/null | openssl x509 -noout -dates",
                "If it was renewed already, reload the server or the balancer that still shows the old one",
            ],
        };
        Some(reading.of(case, &refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::handshake::tests::names;
    use crate::model::finding::Verdict;

    #[test]
    fn a_past_last_day_is_the_edges() {
        names(
            CertificateExpired.id(),
            "invalid peer certificate: certificate expired: verification time 9 (UNIX), but certificate is not valid after 2 (7 seconds ago)",
            (Blame::Edge, Verdict::Fail),
            "has expired",
            "-connect notes.example:8443 -servername notes.example ",
        );
    }
}
