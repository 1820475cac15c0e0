//! Reaching an issuer of tokens over HTTP: bounded in time and size, without redirects, and with nothing of ours in it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response, Url, redirect, retry};

use crate::providers::openai::settings::is_loopback;

/// For connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(2);

/// For a whole exchange: whoever waits for it is a request of ours.
const TOTAL: Duration = Duration::from_secs(4);

/// The largest answer that is read. Key sets and discovery documents have a few KiB.
const MAX_BYTES: usize = 256 * 1024;

/// A client for this address; none when TLS cannot be set up.
pub(crate) fn client(address: &Url) -> Option<Client> {
    let builder = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        // Where keys and tokens come from is configured, and no answer may name another place.
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .user_agent(concat!("orchestrate/", env!("CARGO_PKG_VERSION")));
    let builder = if is_loopback(address) {
        builder.no_proxy()
    } else {
        builder
    };
    // Reading the system's root certificates takes longer than a whole call on loopback.
    let builder = if address.scheme() == "http" {
        builder.tls_certs_only([])
    } else {
        builder
    };
    builder.build().ok()
}

/// A body, or one word for why it cannot be had.
pub(crate) async fn body(mut response: Response) -> Result<Bytes, &'static str> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| word(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err("too large");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// One word for what went wrong. The address is left out: it may hold what is nobody's business.
pub(crate) fn word(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else {
        "broken off"
    }
}
