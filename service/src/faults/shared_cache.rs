//! A shared cache in front of the service, such as a CDN whose rules override what the service says of caching.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use poem::endpoint::EndpointExt;
use poem::http::header::{AGE, CACHE_CONTROL, HeaderMap, ORIGIN};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint as _, Request, Response};

use crate::faults::Endpoint;
use crate::http::api::PREFIX;

/// By what a cache tells requests apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The path and query alone: whoever comes first decides for everybody.
    Path,
    /// The origin as well, as `Vary: Origin` asks (RFC 9111 §4.1).
    PathAndOrigin,
}

/// What is kept, by key.
type Kept = HashMap<(String, Option<HeaderValue>), (HeaderMap, Bytes)>;

/// Puts a cache in front of the pages that hardly ever change.
#[must_use]
pub fn outside(endpoint: Endpoint, key: Key) -> Endpoint {
    let kept: Arc<Mutex<Kept>> = Arc::default();
    endpoint
        .around(move |endpoint, request: Request| {
            let kept = kept.clone();
            async move { Ok(through(&kept, key, &endpoint, request).await) }
        })
        .boxed()
}

async fn through(kept: &Mutex<Kept>, key: Key, endpoint: &Endpoint, request: Request) -> Response {
    let path = request.uri().path();
    let steady = [format!("{PREFIX}/info"), format!("{PREFIX}/openapi.json")];
    if request.method() != Method::GET || !steady.iter().any(|steady| steady == path) {
        return endpoint.get_response(request).await;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let name = (
        request.uri().to_string(),
        origin.filter(|_| key == Key::PathAndOrigin),
    );
    let hit = kept
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&name)
        .cloned();
    if let Some((headers, body)) = hit {
        return answer(headers, body, "HIT");
    }
    let mut response = endpoint.get_response(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let body = response.take_body().into_bytes().await.unwrap_or_default();
    let mut headers = response.headers().clone();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    kept.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name, (headers.clone(), body.clone()));
    answer(headers, body, "MISS")
}

fn answer(headers: HeaderMap, body: Bytes, how: &'static str) -> Response {
    let mut response = Response::builder().status(StatusCode::OK).body(body);
    *response.headers_mut() = headers;
    let headers = response.headers_mut();
    headers.insert(AGE, HeaderValue::from_static("0"));
    headers.insert("x-cache", HeaderValue::from_static(how));
    response
}
