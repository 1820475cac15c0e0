//! From a base URL to whom to dial. Pure.

use url::Url;

use crate::transport::dial::Peer;
use crate::transport::http::SetupError;

/// The peer that a base URL names.
pub(crate) fn peer(base: &str) -> Result<Peer, SetupError> {
    let unusable = || SetupError::Base(base.to_owned());
    let url = Url::parse(base).map_err(|_| {
        if base.contains('@') {
            SetupError::Userinfo
        } else {
            unusable()
        }
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SetupError::Userinfo);
    }
    let tls = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return Err(unusable()),
    };
    let host = url.host_str().ok_or_else(unusable)?;
    Ok(Peer {
        host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: url.port_or_known_default().ok_or_else(unusable)?,
        tls,
        to: None,
    })
}

/// The same host without TLS: at port 80 for 443, at the same port otherwise.
pub(crate) fn without_tls(peer: &Peer) -> Peer {
    Peer {
        port: if peer.port == 443 { 80 } else { peer.port },
        tls: false,
        ..peer.clone()
    }
}

/// The base URL without TLS.
pub(crate) fn plain_base(base: &str, peer: &Peer) -> String {
    let Ok(mut url) = Url::parse(base) else {
        return base.to_owned();
    };
    let moved = url.set_scheme("http").is_ok() && url.set_port(Some(without_tls(peer).port)).is_ok();
    if moved {
        url.as_str().trim_end_matches('/').to_owned()
    } else {
        base.to_owned()
    }
}
