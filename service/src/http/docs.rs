//! The API document, for machines and for people.

use poem::endpoint::make_sync;
use poem::http::header::CACHE_CONTROL;
use poem::{Endpoint, Response};

use crate::http::api;

/// `/openapi.json`: the document.
pub fn document() -> impl Endpoint {
    let document = api::document();
    make_sync(move |_| respond("application/json", document.clone()))
}

/// `/docs`: the same for people. Made when asked for: it is large, and a lab boots hundreds of services.
pub fn page() -> impl Endpoint {
    make_sync(|_| respond("text/html; charset=utf-8", api::page()))
}

/// Caches may keep these, and must ask whether they are current.
fn respond(kind: &str, body: String) -> Response {
    Response::builder()
        .content_type(kind)
        .header(CACHE_CONTROL, "no-cache")
        .body(body)
}
