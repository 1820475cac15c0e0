//! Going through an HTTP proxy: whether to, and the tunnel through it (RFC 9110 §9.3.6).
//!
//! The rules for `NO_PROXY` are curl's, loopback included: an address is exempt only when it is named. The environment is
//! read by whoever makes the settings, never here.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;

use crate::model::exchange::{Phase, WireError, WireFault};
use crate::transport::dial::Stream;
use crate::transport::failure::{self, ours};
use crate::transport::secret::Secret;
use crate::transport::wire;

/// A proxy's answer to CONNECT with a larger head than this is not read.
const MAX_HEAD: usize = 64 * 1024;

/// The proxies that the environment names. A value may hold a password, so none can be printed.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For `http://` targets: `http_proxy`.
    pub http: String,
    /// For `https://` targets: `HTTPS_PROXY` or `https_proxy`.
    pub https: String,
    /// For both, when there is none of their own: `ALL_PROXY` or `all_proxy`.
    pub all: String,
    /// What goes without one: `NO_PROXY` or `no_proxy`, comma-separated names, addresses, networks, or `*`.
    pub no: String,
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = |value: &str| if value.is_empty() { "none" } else { "[set]" };
        f.debug_struct("Proxies")
            .field("http", &state(&self.http))
            .field("https", &state(&self.https))
            .field("all", &state(&self.all))
            .field("no", &self.no)
            .finish()
    }
}

/// Why the environment's proxy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It speaks something other than HTTP.
    #[error(
        "the proxy for this target is {0}://, and only http:// proxies are spoken to; set NO_PROXY to go without"
    )]
    Scheme(String),
    /// It is no URL.
    #[error(
        "{0} names a proxy that is not a URL of the form http://host:port (its value is not shown: it may hold a password)"
    )]
    NotAUrl(&'static str),
}

/// The proxy that a target is reached through.
#[derive(Clone)]
pub struct Via {
    /// Its host, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    pub(crate) credential: Option<HeaderValue>,
    secrets: Vec<Secret>,
}

impl std::fmt::Debug for Via {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Via({}:{})", self.host, self.port)
    }
}

impl Via {
    /// The proxy for this base URL, or `None` when it is reached directly.
    pub fn of(proxies: &Proxies, base: &http::Uri) -> Result<Option<Via>, ProxyError> {
        // curl reads a lone asterisk as every host; the matcher reads it as every name, and not as addresses.
        if proxies.no.split(',').any(|entry| entry.trim() == "*") {
            return Ok(None);
        }
        let named = [
            (&proxies.http, "http_proxy", "http"),
            (&proxies.https, "HTTPS_PROXY", "https"),
            (&proxies.all, "ALL_PROXY", ""),
        ];
        let matcher = Matcher::builder()
            .http(readable(&proxies.http))
            .https(readable(&proxies.https))
            .all(readable(&proxies.all))
            .no(proxies.no.clone())
            .build();
        let Some(found) = matcher.intercept(base) else {
            let exempt = Matcher::builder()
                .all("http://any")
                .no(proxies.no.clone())
                .build();
            let concerns = |scheme: &str| scheme.is_empty() || Some(scheme) == base.scheme_str();
            let bad = named
                .iter()
                .find(|(value, _, scheme)| !value.trim().is_empty() && concerns(scheme));
            return match bad {
                Some((_, name, _)) if exempt.intercept(base).is_some() => Err(ProxyError::NotAUrl(name)),
                _ => Ok(None),
            };
        };
        let uri = found.uri();
        if uri.scheme_str() != Some("http") {
            return Err(ProxyError::Scheme(
                uri.scheme_str().unwrap_or_default().to_owned(),
            ));
        }
        let host = uri.host().unwrap_or_default();
        let values = named.iter().flat_map(|(value, ..)| passwords(value));
        let encoded = found.basic_auth().and_then(|header| header.to_str().ok());
        let encoded = encoded.and_then(|header| header.strip_prefix("Basic "));
        Ok(Some(Via {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: uri.port_u16().unwrap_or(80),
            credential: found.basic_auth().cloned(),
            secrets: values.chain(encoded.map(Secret::new)).collect(),
        }))
    }

    /// What must never be shown.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(Secret::expose)
    }

    /// Opens a tunnel to this authority over a connection to the proxy.
    pub(crate) async fn tunnel(
        &self,
        stream: Box<dyn Stream>,
        authority: &str,
    ) -> Result<Box<dyn Stream>, WireError> {
        let failed = |error: &hyper::Error| through(failure::of_http(error, false));
        let started = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
            .await;
        let (mut sender, connection) = started.map_err(|error| failed(&error))?;
        let _leash = wire::leash(connection.with_upgrades());
        let mut request = Request::new(Empty::new());
        *request.method_mut() = http::Method::CONNECT;
        *request.uri_mut() = authority
            .parse()
            .map_err(|_| ours(Phase::Connect, format!("{authority} is nothing to CONNECT to")))?;
        let headers = request.headers_mut();
        if let Ok(host) = HeaderValue::from_str(authority) {
            headers.insert(header::HOST, host);
        }
        if let Some(credential) = &self.credential {
            headers.insert(header::PROXY_AUTHORIZATION, credential.clone());
        }
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| failed(&error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(refused(status.as_u16(), authority));
        }
        let upgraded = hyper::upgrade::on(response).await;
        Ok(Box::new(TokioIo::new(upgraded.map_err(|error| failed(&error))?)))
    }
}

/// The value as the matcher reads it. White space around it is no part of it.
fn readable(value: &str) -> String {
    value.trim().to_owned()
}

/// The proxy would not, which is between it and us, or could not, which says that nothing is behind it.
fn refused(status: u16, authority: &str) -> WireError {
    let fault = if status >= 500 {
        WireFault::Unreachable
    } else {
        WireFault::Ours
    };
    WireError {
        phase: Phase::Connect,
        fault,
        detail: format!("the proxy answered {status} to CONNECT {authority}"),
    }
}

/// A failure between us and the proxy: the target was not reached, and is not to blame.
pub(crate) fn through(error: WireError) -> WireError {
    WireError {
        phase: Phase::Connect,
        fault: if error.fault == WireFault::TimedOut {
            WireFault::TimedOut
        } else {
            WireFault::Ours
        },
        detail: format!("the proxy: {}", error.detail),
    }
}

/// The passwords in a proxy's URL, as written and decoded.
fn passwords(value: &str) -> Vec<Secret> {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((userinfo, _)) = authority.rsplit_once('@') else {
        return Vec::new();
    };
    let password = userinfo
        .split_once(':')
        .map_or(userinfo, |(_, password)| password);
    let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
    let distinct: BTreeMap<&str, ()> = [(password, ()), (&*decoded, ())].into();
    distinct.into_keys().map(Secret::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(proxies: &Proxies, base: &str) -> Result<Option<Via>, ProxyError> {
        Via::of(proxies, &base.parse().unwrap())
    }

    fn all(value: &str) -> Proxies {
        Proxies {
            all: value.into(),
            ..Proxies::default()
        }
    }

    #[test]
    fn each_scheme_has_its_proxy_and_no_proxy_exempts_like_curl() {
        let proxies = Proxies {
            http: "http://plain:3128".into(),
            https: "secure:8080".into(),
            no: "internal.example, 10.0.0.0/8, 127.0.0.1".into(),
            ..Proxies::default()
        };
        let host = |base: &str| via(&proxies, base).unwrap().map(|via| (via.host, via.port));
        assert_eq!(host("http://api.example/v3"), Some(("plain".into(), 3128)));
        assert_eq!(host("https://api.example"), Some(("secure".into(), 8080)));
        assert_eq!(host("http://[::1]:9/"), Some(("plain".into(), 3128)));
        for exempt in [
            "http://internal.example",
            "https://a.internal.example",
            "http://10.1.2.3",
            "http://127.0.0.1:80",
        ] {
            assert_eq!(host(exempt), None, "{exempt}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_spoken_to_is_refused_without_its_password() {
        let socks = via(&all("socks5://me:hunter2@proxy:1080"), "http://x").unwrap_err();
        assert_eq!(socks, ProxyError::Scheme("socks5".into()));
        let bad = via(&all("http://me:hunter2@pro xy"), "http://x").unwrap_err();
        assert_eq!(bad, ProxyError::NotAUrl("ALL_PROXY"));
        assert!(!format!("{socks} {bad} {:?}", all("http://me:hunter2@proxy")).contains("hunter2"));
    }

    #[test]
    fn a_proxy_that_concerns_another_scheme_or_an_exempt_host_may_be_nonsense() {
        let proxies = Proxies {
            https: "::".into(),
            ..Proxies::default()
        };
        assert!(via(&proxies, "http://x").unwrap().is_none());
        let proxies = Proxies {
            no: "*".into(),
            ..proxies
        };
        assert!(via(&proxies, "https://x").unwrap().is_none());
        assert!(via(&proxies, "https://192.0.2.1").unwrap().is_none());
    }

    #[test]
    fn the_password_is_known_to_the_redactor_in_both_spellings() {
        let via = via(&all("http://me:p%40ss-word@proxy:1"), "http://x")
            .unwrap()
            .unwrap();
        let secrets: Vec<&str> = via.secrets().collect();
        assert!(
            secrets.contains(&"p@ss-word") && secrets.contains(&"p%40ss-word"),
            "{}",
            secrets.len()
        );
        assert!(!format!("{via:?}").contains("ss-word"));
    }
}
