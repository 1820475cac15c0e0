//! Caches that keep what they must not, and validators that do not follow the content.

use poem::endpoint::EndpointExt;
use poem::http::header::{AGE, AUTHORIZATION, CACHE_CONTROL, ETAG};
use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem::{Endpoint as _, Request, Response};
use serde_json::json;

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json};
use crate::http::api::PREFIX;

/// Puts the cache in front, or its directives on answers.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::CacheAuthedPublic) {
        return endpoint
            .around(|endpoint, request: Request| async move {
                let known = request.headers().contains_key(AUTHORIZATION);
                let mut response = endpoint.get_response(request).await;
                if known && response.status().is_success() {
                    let public = HeaderValue::from_static("public, max-age=300");
                    response.headers_mut().insert(CACHE_CONTROL, public);
                }
                Ok(response)
            })
            .boxed();
    }
    if faults.has(FaultId::CachedError) {
        return from_the_outage(endpoint);
    }
    if faults.has(FaultId::NoStoreAbsent) {
        let forget = |mut response: Response| async {
            response.headers_mut().remove(CACHE_CONTROL);
            response
        };
        return endpoint.map(forget).boxed();
    }
    if faults.has(FaultId::EtagFixed) {
        let stamp = |mut response: Response| async {
            if response.status() == StatusCode::OK {
                let build = HeaderValue::from_static("\"build-42\"");
                response.headers_mut().insert(ETAG, build);
            }
            response
        };
        return endpoint.map(stamp).boxed();
    }
    endpoint
}

/// What the cache kept while the provider was down.
fn from_the_outage(endpoint: Endpoint) -> Endpoint {
    endpoint
        .around(|endpoint, request: Request| async move {
            let there = request.uri().path() == format!("{PREFIX}/ai/health");
            let response = endpoint.get_response(request).await;
            if !there || !response.status().is_success() {
                return Ok(response);
            }
            let mut response = json::edit(response, |body| {
                body["status"] = json!("unhealthy");
                body["checks"]["provider"] = json!("provider_unavailable");
            })
            .await;
            response.set_status(StatusCode::SERVICE_UNAVAILABLE);
            let headers = response.headers_mut();
            headers.insert(AGE, HeaderValue::from_static("312"));
            headers.insert(
                HeaderName::from_static("x-cache"),
                HeaderValue::from_static("HIT"),
            );
            Ok(response)
        })
        .boxed()
}
