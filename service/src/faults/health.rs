//! Health routes that say what is not, what was, or too much.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::endpoint::EndpointExt;
use poem::http::header::{AGE, CACHE_CONTROL};
use poem::http::{HeaderValue, StatusCode};
use poem::{Endpoint as _, Request, Response};
use serde_json::json;

use crate::domain::store::{Curation, Store, StoreError};
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json};
use crate::http::api::PREFIX;

/// The store, or one that is broken.
#[must_use]
pub fn store(store: Arc<dyn Store>, faults: &Faults) -> Arc<dyn Store> {
    if faults.has(FaultId::HealthContradicts) {
        Arc::new(Broken)
    } else {
        store
    }
}

struct Broken;

impl Store for Broken {
    fn save<'a>(&'a self, _: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Err(StoreError::Failed) }.boxed()
    }

    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        async { Err(StoreError::Failed) }.boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Err(StoreError::Failed) }.boxed()
    }
}

/// Changes what a health route says.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::HealthContradicts) {
        return on(endpoint, "/health", |response| contradict(response).boxed());
    }
    if faults.has(FaultId::HealthStale) {
        return on(endpoint, "/health", |response| from_a_cache(response).boxed());
    }
    if faults.has(FaultId::SecretLeak) {
        return on(endpoint, "/ai/health", |response| show_the_key(response).boxed());
    }
    endpoint
}

fn on(
    endpoint: Endpoint,
    route: &'static str,
    change: fn(Response) -> BoxFuture<'static, Response>,
) -> Endpoint {
    let path = format!("{PREFIX}{route}");
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == poem::http::Method::GET;
            async move {
                let response = endpoint.get_response(request).await;
                Ok(if there { change(response).await } else { response })
            }
        })
        .boxed()
}

/// As the original: healthy, whatever the database says.
async fn contradict(mut response: Response) -> Response {
    response.set_status(StatusCode::OK);
    json::edit(response, |body| {
        body["status"] = json!("healthy");
        body["database"] = json!("error");
    })
    .await
}

async fn from_a_cache(mut response: Response) -> Response {
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    response
        .headers_mut()
        .insert(AGE, HeaderValue::from_static("86400"));
    let public = HeaderValue::from_static("public, max-age=604800");
    response.headers_mut().insert(CACHE_CONTROL, public);
    json::edit(response, |body| body["timestamp"] = json!(yesterday.to_string())).await
}

async fn show_the_key(response: Response) -> Response {
    // Made up, and of the shape that scanners know.
    let key = json!({"status": "configured", "key_prefix": "sk-proj-4f9a2c81d07b36e5"});
    json::edit(response, |body| body["checks"]["openai_api_key"] = key).await
}
