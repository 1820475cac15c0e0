//! Who may read our answers: the actual-request half of the CORS protocol (Fetch standard §3.3).
//!
//! The outermost layer, so that every answer that leaves our code, the worst one included, can be read by
//! an allowed origin and by no other. It answers nothing itself and cannot fail: preflights are answered
//! inside, by `crate::http::preflight`. Written by hand because poem's own writes no `Vary`, and tower's
//! answers 200 to every `OPTIONS`.

use std::sync::Arc;

use poem::http::HeaderValue;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderMap,
    ORIGIN, VARY,
};
use poem::{Endpoint, Request, Response, Result};
use url::{Origin, Url};

/// What a page may read besides the safelisted response headers (Fetch standard, "CORS-safelisted
/// response-header name").
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-request-id, x-app-version, x-instance-id, retry-after, www-authenticate, location, idempotency-replayed, \
     ratelimit-limit, ratelimit-remaining, ratelimit-reset, ratelimit-policy",
);

/// The origins whose pages may read our answers, with credentials. Exact, as serialized origins.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Arc<Vec<HeaderValue>>);

/// Why a configured origin could never match, or must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// `*`, with credentials, would be everybody.
    #[error(
        "\"*\" cannot be an allowed origin: answers are read with credentials, so each origin must be named"
    )]
    Wildcard,
    /// `null` is what any sandboxed frame has.
    #[error("\"null\" cannot be an allowed origin: any sandboxed frame has it")]
    Null,
    /// It is not what a browser would send.
    #[error("{given:?} is not an origin as browsers send it: write {better:?}")]
    NotSerialized {
        /// As configured.
        given: String,
        /// As a browser would send it.
        better: String,
    },
    /// It is no web origin at all.
    #[error("{0:?} is not an origin: write a scheme, a host and perhaps a port, such as https://app.example")]
    NotAnOrigin(String),
}

impl AllowedOrigins {
    /// Takes a list of serialized origins (RFC 6454 §6.2), which browsers compare byte for byte.
    ///
    /// # Errors
    /// Names the first entry that could never match, and what to write instead.
    pub fn parse<S: AsRef<str>>(origins: &[S]) -> Result<Self, OriginError> {
        let parse = |origin: &S| parse_origin(origin.as_ref());
        Ok(Self(Arc::new(
            origins.iter().map(parse).collect::<Result<_, _>>()?,
        )))
    }

    /// A list taken as it is, right or wrong: for the faults, which need wrong ones.
    #[cfg(feature = "faults")]
    #[must_use]
    pub fn unchecked(origins: &[String]) -> Self {
        Self(Arc::new(
            origins
                .iter()
                .filter_map(|origin| HeaderValue::from_str(origin).ok())
                .collect(),
        ))
    }

    /// The origin of a request, when it has exactly one and that is on the list.
    #[must_use]
    pub fn admit(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut sent = headers.get_all(ORIGIN).iter();
        let (origin, None) = (sent.next()?, sent.next()) else {
            return None;
        };
        self.0.iter().find(|allowed| *allowed == origin).cloned()
    }
}

fn parse_origin(origin: &str) -> Result<HeaderValue, OriginError> {
    match origin {
        "*" => return Err(OriginError::Wildcard),
        "null" => return Err(OriginError::Null),
        _ => {}
    }
    let not_an_origin = || OriginError::NotAnOrigin(origin.to_owned());
    let url = Url::parse(origin).map_err(|_| not_an_origin())?;
    let serialized = match url.origin() {
        tuple @ Origin::Tuple(..) => tuple.ascii_serialization(),
        Origin::Opaque(_) => return Err(not_an_origin()),
    };
    if serialized != origin {
        return Err(OriginError::NotSerialized {
            given: origin.to_owned(),
            better: serialized,
        });
    }
    HeaderValue::from_str(origin).map_err(|_| not_an_origin())
}

/// Wraps an endpoint so that allowed origins, and no others, can read its answers.
pub struct Cors<E> {
    inner: E,
    origins: AllowedOrigins,
}

impl<E> Cors<E> {
    /// Answers of `inner` will be readable by these origins.
    pub fn new(inner: E, origins: AllowedOrigins) -> Self {
        Self { inner, origins }
    }
}

impl<E: Endpoint> Endpoint for Cors<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let admitted = self.origins.admit(request.headers());
        let mut response = self.inner.get_response(request).await;
        let headers = response.headers_mut();
        // Also on answers to foreign origins and to none: a shared cache must never give one caller's to another.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = admitted {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(origins: &[&[u8]]) -> Option<HeaderValue> {
        let allowed = AllowedOrigins::parse(&["https://app.example", "http://localhost:3000"]).unwrap();
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(ORIGIN, HeaderValue::from_bytes(origin).unwrap());
        }
        allowed.admit(&headers)
    }

    #[test]
    fn admits_a_listed_origin_byte_for_byte() {
        assert_eq!(admit(&[b"https://app.example"]).unwrap(), "https://app.example");
        let look_alikes: [&[u8]; 13] = [
            b"https://app.example/",
            b"https://app.example.evil.test",
            b"https://evilapp.example",
            b"https://appXexample",
            b"http://app.example",
            b"https://app.example:443",
            b"https://APP.example",
            b"https://www.app.example",
            b"http://localhost:30000",
            b"null",
            b"*",
            b"",
            b"https://app.\xffexample",
        ];
        for origin in look_alikes {
            assert_eq!(admit(&[origin]), None, "{}", String::from_utf8_lossy(origin));
        }
    }

    #[test]
    fn admits_no_request_with_two_origins_or_a_huge_one() {
        assert_eq!(admit(&[b"https://app.example", b"https://app.example"]), None);
        assert_eq!(admit(&[&[b'a'; 9000]]), None);
    }

    #[test]
    fn refuses_entries_that_could_never_match_and_says_what_to_write() {
        let refuse = |origin: &str| AllowedOrigins::parse(&[origin]).unwrap_err();
        assert_eq!(refuse("*"), OriginError::Wildcard);
        assert_eq!(refuse("null"), OriginError::Null);
        for (given, better) in [
            ("https://app.example/", "https://app.example"),
            ("https://App.Example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("https://app.example/path", "https://app.example"),
            ("http://localhost:3000/", "http://localhost:3000"),
        ] {
            let message = refuse(given).to_string();
            assert!(message.contains(given) && message.contains(better), "{message}");
        }
        for origin in ["", "app.example", "file:///x", "data:text/plain,x", "https://"] {
            assert!(matches!(refuse(origin), OriginError::NotAnOrigin(_)), "{origin}");
        }
    }
}
