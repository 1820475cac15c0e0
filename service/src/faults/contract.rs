//! Answers and documents that are not what was promised.

use poem::endpoint::EndpointExt;
use poem::http::Method;
use poem::{Endpoint as _, Request};
use serde_json::Value;

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json};
use crate::http::api::PREFIX;

/// Changes a successful answer of one operation.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::FieldRenamed) {
        return on(endpoint, Method::POST, "/ai/orchestrate", rename_the_text);
    }
    if faults.has(FaultId::ContractDiffers) {
        return on(endpoint, Method::GET, "/openapi.json", forget_the_text);
    }
    endpoint
}

fn on(endpoint: Endpoint, method: Method, route: &str, change: fn(&mut Value)) -> Endpoint {
    let path = format!("{PREFIX}{route}");
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == method;
            async move {
                let response = endpoint.get_response(request).await;
                let changed = there && response.status().is_success();
                Ok(if changed {
                    json::edit(response, change).await
                } else {
                    response
                })
            }
        })
        .boxed()
}

fn rename_the_text(body: &mut Value) {
    if let Some(transcription) = body["results"]["transcription"].as_object_mut()
        && let Some(text) = transcription.remove("text")
    {
        transcription.insert("transcript".to_owned(), text);
    }
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
