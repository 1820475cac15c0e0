//! What requests are taken: more than the contract says, less, or otherwise.

use poem::endpoint::EndpointExt;
use poem::http::header::CONTENT_LENGTH;
use poem::http::{Method, StatusCode};
use poem::{Body, Endpoint as _, IntoResponse, Request, Response};
use serde_json::Value;

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;
use crate::http::problem::{FieldError, Problem};

/// The fields that a strict reader knows.
const KNOWN: &[&str] = &[
    "workflow_type",
    "text",
    "audio_file",
    "audio_url",
    "image_file",
    "image_url",
    "output",
    "language",
    "entity_type",
    "curator_id",
    "entity_id",
    "place_id",
];

/// What becomes of the body of a request.
#[derive(Clone, Copy)]
enum Reading {
    /// It is read as something else.
    Changed(fn(&mut Value)),
    /// What would be accepted is refused, when this says which field and why.
    Refused(fn(&Value) -> Option<(&'static str, &'static str)>),
}

/// Reads bodies otherwise, inside the layers that write errors out.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let readings = [
        (FaultId::RequestFieldRequired, Reading::Refused(no_curator)),
        (FaultId::ValidRequestRefused, Reading::Refused(no_region)),
        (FaultId::RequestExtraRefused, Reading::Refused(unknown_field)),
        (FaultId::RequestFieldIgnored, Reading::Changed(forget_the_entity)),
        (FaultId::NumbersTakenForText, Reading::Changed(numbers_to_text)),
    ];
    let Some((_, reading)) = readings.into_iter().find(|(fault, _)| faults.has(*fault)) else {
        return endpoint;
    };
    endpoint
        .around(move |endpoint, request: Request| async move { Ok(read(&endpoint, request, reading).await) })
        .boxed()
}

async fn read(endpoint: &Endpoint, mut request: Request, reading: Reading) -> Response {
    let work = request.uri().path() == format!("{PREFIX}/ai/orchestrate");
    if !work || request.method() != Method::POST {
        return endpoint.get_response(request).await;
    }
    let text = request.take_body().into_string().await.unwrap_or_default();
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        request.set_body(text);
        return endpoint.get_response(request).await;
    };
    if let Reading::Changed(change) = reading {
        change(&mut value);
    }
    request.headers_mut().remove(CONTENT_LENGTH);
    request.set_body(Body::from_string(value.to_string()));
    let response = endpoint.get_response(request).await;
    match reading {
        // Whoever would have been refused before is refused as before.
        Reading::Refused(refuse) if response.status().is_success() => match refuse(&value) {
            Some((pointer, detail)) => refusal(pointer, detail),
            None => response,
        },
        _ => response,
    }
}

fn refusal(pointer: &str, detail: &str) -> Response {
    let error = FieldError {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
    };
    let detail = format!("{pointer}: {detail}");
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", detail);
    problem.with_errors(vec![error]).into_response()
}

fn no_curator(body: &Value) -> Option<(&'static str, &'static str)> {
    body.get("curator_id")
        .is_none()
        .then_some(("/curator_id", "is required"))
}

fn no_region(body: &Value) -> Option<(&'static str, &'static str)> {
    let language = body.get("language")?.as_str()?;
    (!language.contains('-')).then_some(("/language", "must name a region, such as en-GB"))
}

fn unknown_field(body: &Value) -> Option<(&'static str, &'static str)> {
    let known = |name: &String| KNOWN.contains(&name.as_str());
    let only_known = body.as_object()?.keys().all(known);
    (!only_known).then_some(("", "has a field that is not allowed"))
}

fn forget_the_entity(body: &mut Value) {
    if let Some(members) = body.as_object_mut() {
        members.remove("entity_id");
    }
}

fn numbers_to_text(body: &mut Value) {
    for value in body
        .as_object_mut()
        .into_iter()
        .flat_map(|members| members.values_mut())
    {
        if value.is_number() {
            *value = Value::String(value.to_string());
        }
    }
}
