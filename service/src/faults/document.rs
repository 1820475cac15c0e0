//! The served OpenAPI document and the routes that it speaks of: lost, moved, or not what they were.

use poem::endpoint::EndpointExt;
use poem::http::{Method, Uri};
use poem::{Endpoint as _, IntoResponse, Request};
use serde_json::{Value, json};

use crate::faults::contract::{Change, on};
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

/// The faults that change the document.
const CHANGES: &[(FaultId, Change)] = &[
    (FaultId::ContractDiffers, forget_the_text),
    (FaultId::SpecHides500, expect_crashes),
    (FaultId::SpecServerInternal, name_the_cluster),
    (FaultId::DeprecationSilent, deprecate),
    (FaultId::DefaultChanged, another_default),
];

/// A document whose making crashes, inside the layers that answer crashes.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if !faults.has(FaultId::SpecCrashes) {
        return endpoint;
    }
    endpoint
        .around(|endpoint, request: Request| async move {
            if request.uri().path() == format!("{PREFIX}/openapi.json") {
                return Ok(Problem::internal().into_response());
            }
            Ok(endpoint.get_response(request).await)
        })
        .boxed()
}

/// Changes the document, or where things are.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::SpecMissing) {
        return elsewhere(endpoint, |path| {
            (path == "/api/v3/openapi.json").then_some("/gone".into())
        });
    }
    if faults.has(FaultId::PathNotServed) {
        return elsewhere(endpoint, |path| {
            (path == "/api/v3/info").then_some("/gone".into())
        });
    }
    if faults.has(FaultId::PrefixMoved) {
        return elsewhere(endpoint, |path| {
            let moved = path.strip_prefix("/v3/").map(|rest| format!("{PREFIX}/{rest}"));
            Some(moved.unwrap_or_else(|| "/gone".into()))
        });
    }
    let change = CHANGES.iter().find(|(fault, _)| faults.has(*fault));
    match change {
        Some((_, change)) => on(endpoint, Method::GET, "/openapi.json", *change),
        None => endpoint,
    }
}

/// Routes paths as `place` says, and those that it leaves alone as ever.
fn elsewhere(endpoint: Endpoint, place: fn(&str) -> Option<String>) -> Endpoint {
    endpoint
        .around(move |endpoint, mut request: Request| async move {
            if let Some(uri) = place(request.uri().path()).and_then(|path| path.parse::<Uri>().ok()) {
                *request.uri_mut() = uri;
            }
            Ok(endpoint.get_response(request).await)
        })
        .boxed()
}

fn forget_the_text(document: &mut Value) {
    let schema = &mut document["components"]["schemas"]["Transcription"];
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove("text");
    }
    if let Some(required) = schema["required"].as_array_mut() {
        required.retain(|name| name != "text");
    }
}

fn expect_crashes(document: &mut Value) {
    let responses = &mut document["paths"]["/ai/orchestrate"]["post"]["responses"];
    responses["500"] = json!({"description": "Something went wrong."});
}

fn name_the_cluster(document: &mut Value) {
    document["servers"] = json!([{"url": "http://orchestrate.default.svc.cluster.local:8080/api/v3"}]);
}

fn deprecate(document: &mut Value) {
    document["paths"]["/ai/health"]["get"]["deprecated"] = true.into();
}

fn another_default(document: &mut Value) {
    let properties = &mut document["components"]["schemas"]["OrchestrateRequest"]["properties"];
    properties["entity_type"]["default"] = "venue".into();
}
