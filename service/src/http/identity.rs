//! What every answer says about itself: which request it answers, which build answered, which instance.
//!
//! Also the one log line that every request leaves. A path is logged without its query, and no header is.

use std::time::Instant;

use poem::http::HeaderValue;
use poem::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, X_CONTENT_TYPE_OPTIONS};
use poem::{Endpoint, Request, Response, Result};
use tracing::Instrument;
use uuid::Uuid;

/// Names the request, in it and in its answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Names the build that answered.
pub const APP_VERSION: HeaderName = HeaderName::from_static("x-app-version");
/// Names the process that answered.
pub const INSTANCE_ID: HeaderName = HeaderName::from_static("x-instance-id");

/// The longest request id that is kept, in bytes.
pub const MAX_REQUEST_ID: usize = 64;

/// The name of one request: the client's own when it is a short token, else a fresh UUID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The client's id when there is exactly one and it is 1 to [`MAX_REQUEST_ID`] letters, digits, `.`, `_`
    /// or `-`; so it can be logged, echoed and searched for without being escaped.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(REQUEST_ID).iter();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        match (sent.next().and_then(|value| value.to_str().ok()), sent.next()) {
            (Some(id), None)
                if (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain) =>
            {
                Self(id.to_owned())
            }
            _ => Self(Uuid::now_v7().to_string()),
        }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Wraps an endpoint so that its answers name themselves.
pub struct Identity<E> {
    inner: E,
    version: HeaderValue,
    instance: HeaderValue,
}

impl<E> Identity<E> {
    /// Answers of `inner` will carry this version and instance.
    pub fn new(inner: E, version: HeaderValue, instance: HeaderValue) -> Self {
        Self {
            inner,
            version,
            instance,
        }
    }

    fn stamp(&self, response: &mut Response, request_id: &RequestId) {
        let headers = response.headers_mut();
        if let Ok(request_id) = HeaderValue::from_str(request_id.as_str()) {
            headers.insert(REQUEST_ID, request_id);
        }
        headers.insert(APP_VERSION, self.version.clone());
        headers.insert(INSTANCE_ID, self.instance.clone());
        // What we say is about now, and often about one caller: no cache may keep it, unless a route knows better.
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        // Our media types are right; a browser that guesses another one can only be led astray (Fetch standard §3.6).
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
}

impl<E: Endpoint> Endpoint for Identity<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let request_id = RequestId::of(request.headers());
        request.set_data(request_id.clone());
        let span = tracing::info_span!(
            "request",
            request_id = request_id.as_str(),
            method = %request.method(),
            path = request.uri().path(),
        );
        async {
            let mut response = self.inner.get_response(request).await;
            self.stamp(&mut response, &request_id);
            tracing::info!(
                status = response.status().as_u16(),
                took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                "answered"
            );
            Ok(response)
        }
        .instrument(span)
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&[u8]]) -> RequestId {
        let mut headers = HeaderMap::new();
        for id in ids {
            headers.append(REQUEST_ID, HeaderValue::from_bytes(id).unwrap());
        }
        RequestId::of(&headers)
    }

    #[test]
    fn keeps_a_plain_id_of_the_client() {
        assert_eq!(of(&[b"deploy-42.retry_1"]).as_str(), "deploy-42.retry_1");
    }

    #[test]
    fn makes_a_fresh_id_when_there_is_none_or_an_odd_one() {
        let odd: [&[&[u8]]; 6] = [&[], &[b""], &[b"a b"], &[b"a", b"b"], &[b"\xff"], &[b"<script>"]];
        for ids in odd {
            assert!(Uuid::parse_str(of(ids).as_str()).is_ok(), "{ids:?}");
        }
        assert!(Uuid::parse_str(of(&[&[b'a'; MAX_REQUEST_ID + 1]]).as_str()).is_ok());
    }
}
