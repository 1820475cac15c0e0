//! Certificates made for one edge, and the TLS that shows them. rustls knows nothing below TLS 1.2.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use crate::lab::edge::HOST;

/// What an edge shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A good certificate with its whole chain.
    Good,
    /// One that expired long ago.
    Expired,
    /// One that begins in two days.
    NotYet,
    /// One for another name.
    OtherName,
    /// The leaf alone, without the intermediate that signed it.
    LeafAlone,
    /// One that vouches for itself.
    SelfSigned,
    /// A good one of ninety days, of which so many are left.
    DaysLeft(i64),
}

/// Who vouches for an edge, and what the edge shows.
pub(crate) struct Authority {
    acceptor: TlsAcceptor,
    root_pem: Vec<u8>,
}

impl Authority {
    /// A root, an intermediate and a leaf.
    pub(crate) fn make(shown: Shown, http2: bool) -> Result<Authority, String> {
        made(shown, http2).map_err(|error| error.to_string())
    }

    /// The TLS, and the root in PEM.
    pub(crate) fn split(self) -> (Option<TlsAcceptor>, Option<Vec<u8>>) {
        (Some(self.acceptor), Some(self.root_pem))
    }
}

fn made(shown: Shown, http2: bool) -> Result<Authority, Box<dyn std::error::Error>> {
    let root = CertifiedIssuer::self_signed(issuer("Greenlight lab root")?, KeyPair::generate()?)?;
    let between = CertifiedIssuer::signed_by(
        issuer("Greenlight lab intermediate")?,
        KeyPair::generate()?,
        &root,
    )?;
    let name = if shown == Shown::OtherName {
        "other.lab.test"
    } else {
        HOST
    };
    let mut leaf = CertificateParams::new(vec![name.to_owned()])?;
    let (from, until) = match shown {
        Shown::Expired => ((2001, 1, 1), (2011, 1, 1)),
        Shown::NotYet => (date(2)?, date(80)?),
        Shown::DaysLeft(days) => (date(days - 90)?, date(days + 1)?),
        Shown::Good | Shown::OtherName | Shown::LeafAlone | Shown::SelfSigned => (date(-10)?, date(80)?),
    };
    leaf.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
    leaf.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
    let key = KeyPair::generate()?;
    let certificate = match shown {
        Shown::SelfSigned => leaf.self_signed(&key)?,
        _ => leaf.signed_by(&key, &between)?,
    };
    let mut chain = vec![certificate.der().clone()];
    if !matches!(shown, Shown::LeafAlone | Shown::SelfSigned) {
        chain.push(between.der().clone());
    }
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if http2 {
        config.alpn_protocols.insert(0, b"h2".to_vec());
    }
    Ok(Authority {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        root_pem: root.pem().into_bytes(),
    })
}

fn issuer(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    Ok(params)
}

/// The date so many days from now, in UTC: year, month, day.
fn date(days: i64) -> Result<(i32, u8, u8), Box<dyn std::error::Error>> {
    let then = Timestamp::now().checked_add(SignedDuration::from_hours(24 * days))?;
    let part = |format: &str| then.strftime(format).to_string();
    Ok((part("%Y").parse()?, part("%m").parse()?, part("%d").parse()?))
}
