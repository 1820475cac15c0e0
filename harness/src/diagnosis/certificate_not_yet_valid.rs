//! The certificate begins in the future of our clock. Issuers date certificates back, so the clock is suspected first, and nothing is
//! said of the service.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::handshake::{Reading, refused};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CertificateNotYetValid;

impl Cause for CertificateNotYetValid {
    fn id(&self) -> &'static str {
        "certificate-not-yet-valid"
    }

    fn about(&self) -> &'static str {
        "The certificate is not valid yet by this machine's clock, which is more often wrong than the certificate."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Checker, Blame::Edge],
            needs: "The TLS handshake of every request, or of all with one address of the name, ended at the certificate's first date, which lies ahead of the run's clock.",
            likely: &[
                "The clock of this machine is behind: no time service, a resumed virtual machine, an empty battery",
                "The certificate was issued for a later day and installed too early",
                "The issuer's clock was ahead, and the certificate is minutes old",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let refused = refused(case, "certificate not valid yet")?;
        let reading = Reading {
            cause: self.id(),
            what: "its certificate is not valid yet by the clock of this machine",
            blame: Blame::Checker,
            confidence: Confidence::Likely,
            next: &[
                "Compare this machine's clock with another:  date -u; curl -sI https://example.com | grep -i ^date",
                "Set the clock (timedatectl set-ntp true) and run again",
                "See the dates that are served:  openssl s_client -connect {peer} -servername {host} </dev/null | openssl x509 -noout -dates",
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
    fn a_future_first_day_is_most_likely_our_own_clock() {
        names(
            CertificateNotYetValid.id(),
            "invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but certificate is not valid before 9 (8 seconds in future)",
            (Blame::Checker, Verdict::Inconclusive),
            "not valid yet",
            "date -u",
        );
    }
}
