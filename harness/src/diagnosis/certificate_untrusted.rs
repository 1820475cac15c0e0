//! Nothing leads from the certificate to an issuer that is trusted: a missing intermediate, an own CA, or somebody in between.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::handshake::{Reading, refused};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CertificateUntrusted;

impl Cause for CertificateUntrusted {
    fn id(&self) -> &'static str {
        "certificate-untrusted"
    }

    fn about(&self) -> &'static str {
        "The certificate leads to no issuer that is trusted here: the chain is not complete, or the issuer is an own one."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge, Blame::Checker],
            needs: "The TLS handshake of every request, or of all with one address of the name, ended at an issuer that the run's roots do not lead to.",
            likely: &[
                "The intermediate certificate is not sent: cert.pem is configured in place of fullchain.pem",
                "A self-signed certificate, or one of an own CA that is not given with --cacert",
                "A company's proxy opens TLS on the way, and its root is not installed here",
                "The roots of this machine or image are missing or old (ca-certificates)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let refused = refused(case, "UnknownIssuer")?;
        let reading = Reading {
            cause: self.id(),
            what: "its certificate is signed by an issuer that is not trusted here, or the chain is not complete",
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            next: &[
                "Serve the full chain, intermediates included: browsers fetch what is missing, API clients do not",
                "See how many certificates are sent, and by whom each is signed:  openssl s_client -connect {peer} -servername {host} -showcerts </dev/null",
                "For an own CA: --cacert FILE. If the issuer is a proxy of this network, run from another one",
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
    fn an_issuer_that_nothing_leads_to_is_the_edges() {
        names(
            CertificateUntrusted.id(),
            "invalid peer certificate: UnknownIssuer",
            (Blame::Edge, Verdict::Fail),
            "not trusted",
            "-showcerts",
        );
    }
}
