//! TLS servers with certificates made for the test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::support::server::Server;

/// A certificate authority of the test's own.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        Authority::named("Greenlight test authority")
    }

    pub(crate) fn named(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Authority { issuer }
    }

    /// Its certificate, as `--cacert` takes it.
    pub(crate) fn pem(&self) -> Vec<u8> {
        self.issuer.pem().into_bytes()
    }

    /// A certificate for these names, valid until this year.
    pub(crate) fn signs(&self, names: &[&str], until: i32) -> Shown {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, until).signed_by(&key, &self.issuer).unwrap();
        Shown {
            chain: vec![certificate.der().clone(), self.issuer.der().clone()],
            key: key.serialize_der().try_into().unwrap(),
        }
    }
}

/// What a server shows.
pub(crate) struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// A certificate that nobody but itself vouches for.
pub(crate) fn self_signed(names: &[&str]) -> Shown {
    let key = KeyPair::generate().unwrap();
    let certificate = params(names, 2096).self_signed(&key).unwrap();
    Shown {
        chain: vec![certificate.der().clone()],
        key: key.serialize_der().try_into().unwrap(),
    }
}

fn params(names: &[&str], until: i32) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    params
}

/// Serves TLS with this certificate and these protocols, every connection by this script.
pub(crate) async fn serve<F, S>(shown: Shown, alpn: &[&[u8]], script: S) -> Server
where
    F: Future<Output = ()> + Send + 'static,
    S: Fn(TlsStream<TcpStream>) -> F + Send + Sync + 'static,
{
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(shown.chain, shown.key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let script = Arc::new(script);
    Server::scripted(move |_, stream| {
        let (acceptor, script) = (acceptor.clone(), script.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                script(stream).await;
            }
        }
    })
    .await
}
