//! Answers that are not what was promised.

use poem::endpoint::EndpointExt;
use poem::http::header::CONTENT_TYPE;
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint as _, Request, Response};
use serde_json::Value;

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json};
use crate::http::api::PREFIX;

/// A change to the JSON of an answer.
pub type Change = fn(&mut Value);

/// The faults that change the JSON of one operation's successes.
const CHANGES: &[(FaultId, Method, &str, Change)] = &[
    (
        FaultId::FieldRenamed,
        Method::POST,
        "/ai/orchestrate",
        rename_the_text,
    ),
    (
        FaultId::FieldRemoved,
        Method::POST,
        "/ai/orchestrate",
        forget_the_time,
    ),
    (
        FaultId::FieldTypeChanged,
        Method::POST,
        "/ai/orchestrate",
        time_as_text,
    ),
    (FaultId::FieldNull, Method::POST, "/ai/orchestrate", no_model),
    (
        FaultId::FieldEnumGrew,
        Method::POST,
        "/ai/orchestrate",
        another_workflow,
    ),
    (
        FaultId::FieldSometimesMissing,
        Method::POST,
        "/ai/orchestrate",
        forget_the_time_of_recordings,
    ),
    (FaultId::FieldFormatChanged, Method::GET, "/health", http_date),
    (
        FaultId::DefaultChanged,
        Method::POST,
        "/ai/orchestrate",
        another_entity,
    ),
];

/// Changes answers of one operation.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let change = CHANGES.iter().find(|(fault, ..)| faults.has(*fault));
    let endpoint = match change {
        Some((_, method, route, change)) => on(endpoint, method.clone(), route, *change),
        None => endpoint,
    };
    if faults.has(FaultId::ContentTypeWrong) {
        return endpoint.map(|response| async { mislabel(response) }).boxed();
    }
    if faults.has(FaultId::StatusUndocumented) {
        return endpoint.map(|response| async { accept(response) }).boxed();
    }
    if faults.has(FaultId::ErrorShapeChanged) {
        return endpoint.map(reshape).boxed();
    }
    endpoint
}

/// Changes the JSON of one operation's successes.
#[must_use]
pub fn on(endpoint: Endpoint, method: Method, route: &str, change: Change) -> Endpoint {
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

fn forget_the_time(body: &mut Value) {
    if let Some(body) = body.as_object_mut() {
        body.remove("processing_time_ms");
    }
}

fn forget_the_time_of_recordings(body: &mut Value) {
    if body["results"]["transcription"]["source"] != "direct_text" {
        forget_the_time(body);
    }
}

fn time_as_text(body: &mut Value) {
    body["processing_time_ms"] = Value::String(format!("{} ms", body["processing_time_ms"]));
}

fn no_model(body: &mut Value) {
    body["results"]["concepts"]["model"] = Value::Null;
}

fn another_workflow(body: &mut Value) {
    if body["results"]["transcription"]["source"] == "direct_text" {
        body["workflow"] = "text_with_concepts".into();
    }
}

fn another_entity(body: &mut Value) {
    body["results"]["concepts"]["entity_type"] = "venue".into();
}

fn http_date(body: &mut Value) {
    let now = jiff::Timestamp::now();
    body["timestamp"] = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().into();
}

fn is_a_result(response: &Response) -> bool {
    let labelled = response.content_type().unwrap_or_default();
    response.status() == StatusCode::OK && labelled.starts_with("application/json")
}

fn mislabel(mut response: Response) -> Response {
    if is_a_result(&response) {
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
    }
    response
}

fn accept(mut response: Response) -> Response {
    if is_a_result(&response) {
        response.set_status(StatusCode::ACCEPTED);
    }
    response
}

/// As a validator's own error handler answers, which nobody told about the others.
async fn reshape(response: Response) -> Response {
    if response.status() != StatusCode::UNPROCESSABLE_ENTITY {
        return response;
    }
    let mut response = json::edit(response, |body| {
        *body = serde_json::json!({"statusCode": 422, "messages": [body["detail"].clone()]});
    })
    .await;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
