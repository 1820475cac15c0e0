//! Fetching a recording from an address that a caller chose: which addresses are fetched at all, and every way in which that
//! can fail.
//!
//! Whoever can make a service fetch an address stands behind its firewall (OWASP API7:2023). So the rules are a value that is
//! judged here, without a socket, and no error says more of an inner address than that it is none of ours to fetch.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use ipnet::IpNet;
use url::{Host, Url};

use crate::domain::address::is_public;
use crate::domain::audio::MAX_BYTES;

/// Fetches what a caller names.
pub trait Fetch: Send + Sync {
    /// The bytes at an address, whatever they are. Their memory counts as held until they are dropped.
    fn fetch(&self, url: String) -> BoxFuture<'_, Result<Bytes, FetchError>>;
}

/// Which addresses are fetched, and what a fetch may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchPolicy {
    /// Whether plain `http` is fetched too. For tests.
    pub plain_http: bool,
    /// The ports that may be named; none allows every port.
    pub ports: Option<Vec<u16>>,
    /// Networks that are fetched from although they are not public.
    pub inner: Vec<IpNet>,
    /// Authorities that are believed beside the machine's own, as PEM: for a storage inside that has its own.
    pub authorities: String,
    /// How many redirects are followed, each judged like the first address.
    pub redirects: usize,
    /// The largest recording, in bytes.
    pub most_bytes: usize,
    /// For all of it: the name, the connection, the redirects and the last byte.
    pub deadline: Duration,
    /// How many bytes all fetched recordings may have together; the rest wait their turn.
    pub bytes_in_flight: usize,
    /// How long such a turn is waited for.
    pub turn_deadline: Duration,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self {
            plain_http: false,
            ports: Some(vec![443]),
            inner: Vec::new(),
            authorities: String::new(),
            redirects: 3,
            most_bytes: MAX_BYTES,
            deadline: Duration::from_secs(20),
            bytes_in_flight: 256 * 1024 * 1024,
            turn_deadline: Duration::from_secs(5),
        }
    }
}

impl FetchPolicy {
    /// An address as it may be fetched, unless its name turns out to lead inside.
    ///
    /// # Errors
    /// When it is no address, or one that is not fetched whatever answers there.
    pub fn judge(&self, url: &str) -> Result<Url, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Invalid("it cannot be read"))?;
        self.judge_url(&url)?;
        Ok(url)
    }

    /// The same, of one that a redirect names.
    ///
    /// # Errors
    /// When it is not fetched whatever answers there.
    pub fn judge_url(&self, url: &Url) -> Result<(), FetchError> {
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            _ => return Err(FetchError::Invalid("it must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Invalid("it may hold no user name and no password"));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if self.ports.as_ref().is_some_and(|ports| !ports.contains(&port)) {
            return Err(FetchError::Forbidden);
        }
        // Numbers in any spelling are addresses by now (WHATWG URL §3.5).
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(name)) if !name.is_empty() => None,
            _ => return Err(FetchError::Invalid("it names no host")),
        };
        match literal {
            Some(address) if !self.allows(address) => Err(FetchError::Forbidden),
            _ => Ok(()),
        }
    }

    /// Whether a connection may be made to this address.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.inner.iter().any(|net| net.contains(&address))
    }
}

/// Why nothing was fetched. The address is the caller's, so each is the caller's to mend, but for [`FetchError::Busy`].
///
/// A name that leads inside, one that is unknown and a host that does not answer are one error: which of them it is would tell
/// what there is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is no address that could be fetched; the words say why.
    #[error("\"audio_url\" is not an address to fetch: {0}")]
    Invalid(&'static str),
    /// It, or where it redirects to, is an address that is not fetched.
    #[error(
        "\"audio_url\" leads to an address or a port that is not fetched: use a public one, on the usual port"
    )]
    Forbidden,
    /// No answer came.
    #[error(
        "the recording could not be fetched: the host of \"audio_url\" is unknown, not public, or does not answer"
    )]
    Unreachable,
    /// The answer was not a recording.
    #[error("the host of \"audio_url\" answered HTTP {status} in place of the recording")]
    Refused {
        /// Its status.
        status: u16,
    },
    /// It leads from one address to the next.
    #[error("\"audio_url\" redirects too often: send the address that it leads to")]
    Redirects,
    /// More than [`FetchPolicy::most_bytes`].
    #[error("the recording at \"audio_url\" is too large (at most {MAX_BYTES} bytes, 25 MiB, are accepted)")]
    TooLarge,
    /// Not whole within [`FetchPolicy::deadline`], or within what the request has left.
    #[error("the recording at \"audio_url\" did not arrive in time: send it as base64 in \"audio_file\"")]
    TooSlow,
    /// Too many are being fetched.
    #[error("too many recordings are being fetched at once: send the request again a little later")]
    Busy,
}

impl FetchError {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid(_) => "audio_url_invalid",
            Self::Forbidden => "audio_url_forbidden",
            Self::Unreachable => "audio_url_unreachable",
            Self::Refused { .. } => "audio_url_refused",
            Self::Redirects => "audio_url_redirects",
            Self::TooLarge => "audio_url_too_large",
            Self::TooSlow => "audio_url_timeout",
            Self::Busy => "too_busy",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(url: &str) -> Result<Url, FetchError> {
        FetchPolicy::default().judge(url)
    }

    #[test]
    fn a_public_https_address_is_fetched() {
        for url in [
            "https://example.com/a.wav",
            "https://example.com:443/a",
            "HTTPS://EXAMPLE.COM/a?signature=x#part",
            "https://8.8.8.8/a",
            "https://[2606:4700:4700::1111]/a",
        ] {
            assert!(judged(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_inner_address_is_refused_in_every_spelling() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://0x7f000001/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://127。0。0。1/",
            "https://①②⑦.0.0.1/",
            "https://%31%32%37.0.0.1/",
            "https:\\\\127.0.0.1\\",
            "https:127.0.0.1",
            "https://0/",
            "https://[::1]/",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[fd00:ec2::254]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://2852039166/",
        ] {
            assert_eq!(judged(url), Err(FetchError::Forbidden), "{url}");
        }
    }

    #[test]
    fn what_is_no_such_address_is_refused_by_name() {
        for url in [
            "",
            "a.wav",
            "//example.com/a",
            "https://",
            "https://ex ample.com/",
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "data:audio/wav;base64,AAAA",
            "javascript:alert(1)",
            "https://user@example.com/",
            "https://user:word@example.com/",
            "https://:word@example.com/",
            "https://1.2.3.4.5.6/",
            "https://256.1.1.1/",
        ] {
            assert_eq!(
                judged(url).map_err(FetchError::code),
                Err("audio_url_invalid"),
                "{url}"
            );
        }
        for url in [
            "https://example.com:22/",
            "https://example.com:80/",
            "https://example.com:8443/",
        ] {
            assert_eq!(judged(url), Err(FetchError::Forbidden), "{url}");
        }
    }

    #[test]
    fn a_test_may_allow_what_is_refused_and_only_that() {
        let policy = FetchPolicy {
            plain_http: true,
            ports: None,
            inner: vec!["127.0.0.1/32".parse().unwrap()],
            ..FetchPolicy::default()
        };
        assert!(policy.judge("http://127.0.0.1:4711/a").is_ok());
        assert_eq!(
            policy.judge("http://127.0.0.2:4711/a"),
            Err(FetchError::Forbidden)
        );
        assert_eq!(policy.judge("http://[::1]:4711/a"), Err(FetchError::Forbidden));
    }

    #[test]
    fn every_error_has_a_code_and_a_sentence() {
        let errors = [
            FetchError::Invalid("it names no host"),
            FetchError::Forbidden,
            FetchError::Unreachable,
            FetchError::Refused { status: 404 },
            FetchError::Redirects,
            FetchError::TooLarge,
            FetchError::TooSlow,
            FetchError::Busy,
        ];
        let lines: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {error}", error.code()))
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_no_inner_literal_passes(text in "\\PC{0,60}|https://[0-9a-fx.:\\[\\]]{1,40}/?") {
            if let Ok(url) = judged(&text) {
                let address = match url.host() {
                    Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
                    Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
                    _ => None,
                };
                prop_assert!(address.is_none_or(is_public), "{}", text);
                prop_assert_eq!(url.scheme(), "https");
            }
        }

        #[test]
        fn every_ipv4_address_is_judged_the_same_in_every_spelling(bits: u32) {
            let public = is_public(std::net::Ipv4Addr::from(bits).into());
            for spelling in [format!("{bits}"), format!("0x{bits:x}"), format!("0{bits:o}"), format!("[::ffff:{:x}:{:x}]", bits >> 16, bits & 0xffff)] {
                let passed = judged(&format!("https://{spelling}/")).is_ok();
                prop_assert_eq!(passed, public && !spelling.starts_with('['), "{}", spelling);
            }
        }
    }
}
