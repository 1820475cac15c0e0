//! TLS on rustls: the system's roots, the user's own, and the chain as the server showed it, even when it was not accepted.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::model::recording::Certificate;

/// Why TLS cannot be set up on this machine.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// There is not one root certificate.
    #[error("this machine has no root certificates, so no HTTPS server could be verified: {0}")]
    NoRoots(String),
    /// The file of `--cacert` holds none.
    #[error("{0}")]
    CaFile(String),
    /// rustls refused the setup.
    #[error("TLS could not be set up: {0}")]
    Rustls(String),
}

/// What every handshake of a run shares.
#[derive(Debug, Clone)]
pub struct TlsSetup {
    verifier: Arc<WebPkiServerVerifier>,
}

impl TlsSetup {
    /// Loads the system's roots (honouring `SSL_CERT_FILE` and `SSL_CERT_DIR`) and adds these PEM certificates.
    pub fn load(extra_pem: Option<&[u8]>) -> Result<TlsSetup, TlsSetupError> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        if let Some(pem) = extra_pem {
            let parsed: Vec<_> = CertificateDer::pem_slice_iter(pem)
                .filter_map(Result::ok)
                .collect();
            if roots.add_parsable_certificates(parsed).0 == 0 {
                return Err(TlsSetupError::CaFile(
                    "the CA file holds no PEM certificate".into(),
                ));
            }
        }
        if roots.is_empty() {
            let why = found.errors.first().map(ToString::to_string).unwrap_or_default();
            return Err(TlsSetupError::NoRoots(why));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| TlsSetupError::Rustls(error.to_string()))?;
        Ok(TlsSetup { verifier })
    }

    /// The configuration of one handshake, which leaves in `shown` the chain that the server shows.
    pub fn handshake(&self, http2: bool, shown: &ShownChain) -> Result<ClientConfig, TlsSetupError> {
        let witness = Witness {
            inner: self.verifier.clone(),
            shown: shown.clone(),
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsSetupError::Rustls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth();
        config.alpn_protocols = if http2 {
            vec![b"h2".to_vec(), b"http/1.1".to_vec()]
        } else {
            vec![b"http/1.1".to_vec()]
        };
        Ok(config)
    }
}

/// The chain that a server showed, leaf first.
#[derive(Debug, Clone, Default)]
pub struct ShownChain(Arc<Mutex<Vec<CertificateDer<'static>>>>);

impl ShownChain {
    /// The certificates, parsed. One that does not parse is left out.
    pub fn certificates(&self) -> Vec<Certificate> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().filter_map(|der| certificate(der)).collect()
    }
}

/// Notes the chain, and leaves the judgement to the real verifier.
#[derive(Debug)]
struct Witness {
    inner: Arc<WebPkiServerVerifier>,
    shown: ShownChain,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).take(10);
        *self.shown.0.lock().unwrap_or_else(PoisonError::into_inner) =
            chain.map(|der| der.clone().into_owned()).collect();
        self.inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// No more names than this are kept of one certificate; the largest public ones cover about a hundred.
const MOST_NAMES: usize = 200;

/// What a report needs of a certificate.
fn certificate(der: &[u8]) -> Option<Certificate> {
    let (_, parsed) = x509_parser::parse_x509_certificate(der).ok()?;
    let names = parsed.subject_alternative_name().ok().flatten();
    let names = names.map(|extension| {
        extension
            .value
            .general_names
            .iter()
            .take(MOST_NAMES)
            .map(|name| bounded(&name.to_string()))
            .collect()
    });
    Some(Certificate {
        subject: bounded(&parsed.subject().to_string()),
        issuer: bounded(&parsed.issuer().to_string()),
        names: names.unwrap_or_default(),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
    })
}

fn bounded(text: &str) -> String {
    text.chars().take(200).collect()
}
