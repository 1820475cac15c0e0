//! The certificate was made for other names: a domain that is not bound, a default site, or another machine than was meant.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::handshake::{Reading, refused};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CertificateForAnotherName;

impl Cause for CertificateForAnotherName {
    fn id(&self) -> &'static str {
        "certificate-for-another-name"
    }

    fn about(&self) -> &'static str {
        "The certificate is for another name than the one that is called."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge],
            needs: "The TLS handshake of every request, or of all with one address of the name, ended at the certificate's names, among which the host's is not.",
            likely: &[
                "The custom domain was not verified at the platform, which shows its default certificate",
                "The name points at another provider or machine than it should",
                "www or the bare domain, or a second level of a wildcard, is not covered",
                "The proxy picks its default site, since the client's name (SNI) is not configured",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let refused = refused(case, "not valid for name")?;
        let reading = Reading {
            cause: self.id(),
            what: "its certificate is for another name",
            blame: Blame::Edge,
            confidence: Confidence::Certain,
            next: &[
                "Bind the custom domain at the platform, so that it gets a certificate of its own; or use the name that the certificate covers",
                "See which names it covers:  openssl s_client -connect {peer} -servername {host} </dev/null | openssl x509 -noout -subject -ext subjectAltName",
                "See where the name points, and whose address that is:  dig +short {host}",
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
    fn other_names_are_the_edges() {
        names(
            CertificateForAnotherName.id(),
            "invalid peer certificate: certificate not valid for name \"notes.example\"; certificate is only valid for DnsName(\"*.host.example\")",
            (Blame::Edge, Verdict::Fail),
            "for another name",
            "subjectAltName",
        );
    }
}
