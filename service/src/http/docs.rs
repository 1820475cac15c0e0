//! The API document, for machines and for people.

use std::sync::OnceLock;

use poem::endpoint::make_sync;
use poem::http::header::CACHE_CONTROL;
use poem::{Endpoint, Response};

use crate::http::document::{self, YAML_MEDIA_TYPE};

/// `/openapi.json`: the document.
pub fn json() -> impl Endpoint {
    made_once("application/json", document::json)
}

/// `/openapi.yaml`: the document as it is committed.
pub fn yaml() -> impl Endpoint {
    made_once(YAML_MEDIA_TYPE, document::yaml)
}

/// `/docs`: the same for people. Made whenever it is asked for: it is large.
pub fn page() -> impl Endpoint {
    make_sync(|_| respond("text/html; charset=utf-8", document::page()))
}

/// Made when it is asked for first: a lab boots hundreds of services that nobody asks for it.
fn made_once(kind: &'static str, make: fn() -> String) -> impl Endpoint {
    let made = OnceLock::new();
    make_sync(move |_| respond(kind, made.get_or_init(make).clone()))
}

/// Caches may keep these, and must ask whether they are current.
fn respond(kind: &str, body: String) -> Response {
    Response::builder()
        .content_type(kind)
        .header(CACHE_CONTROL, "no-cache")
        .body(body)
}
