//! HTTP itself, time and names: methods, statuses, headers and encodings that are not what they say.

use poem::endpoint::EndpointExt;
use poem::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode};
use poem::{Endpoint as _, IntoResponse, Request, Response};
use serde_json::json;

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json};
use crate::http::api::PREFIX;
use crate::http::identity::REQUEST_ID;
use crate::http::problem::Problem;

/// How far the clock is behind.
const BEHIND: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// What goes wrong inside the layers that write errors out and name requests.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::TraceparentCrash) {
        return endpoint
            .around(|endpoint, request: Request| async move {
                if is_malformed(request.headers()) {
                    return Ok(Problem::internal().into_response());
                }
                Ok(endpoint.get_response(request).await)
            })
            .boxed();
    }
    if faults.has(FaultId::MethodAccepted) {
        return endpoint
            .around(|endpoint, request: Request| async move {
                let known = [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS];
                // What has a handler is handled.
                let kept = request.uri().path().starts_with(&format!("{PREFIX}/curations/"));
                if kept || known.contains(request.method()) {
                    return Ok(endpoint.get_response(request).await);
                }
                Ok(Response::builder().content_type("application/json").body("{}"))
            })
            .boxed();
    }
    if faults.has(FaultId::ErrorAs200) {
        return endpoint.map(|response| async { as_success(response) }).boxed();
    }
    endpoint
}

/// Whether there is a `traceparent` that no version of W3C Trace Context §3.2 knows.
fn is_malformed(headers: &HeaderMap) -> bool {
    let fits = |value: &HeaderValue| {
        let parts: Vec<&[u8]> = value.as_bytes().split(|byte| *byte == b'-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        lengths == [2, 32, 16, 2] && parts.concat().iter().all(u8::is_ascii_hexdigit)
    };
    headers.get("traceparent").is_some_and(|value| !fits(value))
}

/// Refused input, in the words of an API whose every answer is a success.
fn as_success(response: Response) -> Response {
    let status = response.status();
    match response.data::<Problem>() {
        Some(problem) if matches!(status.as_u16(), 400 | 422) => {
            let body = json!({"success": false, "error": problem.detail});
            Response::builder()
                .content_type("application/json")
                .body(body.to_string())
        }
        _ => response,
    }
}

/// What goes wrong outside of all layers.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::HeadDiffers)
        || faults.has(FaultId::TraceEchoes)
        || faults.has(FaultId::GetHasEffects)
    {
        return methods(endpoint, faults);
    }
    if faults.has(FaultId::ProblemMalformed) {
        return endpoint.map(contradict).boxed();
    }
    if faults.has(FaultId::RequestIdUnchecked) {
        return endpoint
            .around(|endpoint, request: Request| async move {
                let sent = request.headers().get(REQUEST_ID).cloned();
                let mut response = endpoint.get_response(request).await;
                if let Some(sent) = sent {
                    response.headers_mut().insert(REQUEST_ID, sent);
                }
                Ok(response)
            })
            .boxed();
    }
    if faults.has(FaultId::TimeNaive) {
        return super::contract::on(endpoint, Method::GET, "/health", |body| {
            let time = body["timestamp"]
                .as_str()
                .unwrap_or_default()
                .trim_end_matches('Z');
            body["timestamp"] = time.to_owned().into();
        });
    }
    if faults.has(FaultId::JsonLatin1) {
        return endpoint.map(to_latin_1).boxed();
    }
    headers(endpoint, faults)
}

/// A change to an answer.
type Change = fn(&mut Response);

/// Headers that are wrong by themselves.
fn headers(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let changes: [(FaultId, Change); 6] = [
        (FaultId::AllowMissing, |response| {
            response.headers_mut().remove(ALLOW);
        }),
        (FaultId::RequestIdMissing, |response| {
            response.headers_mut().remove(REQUEST_ID);
        }),
        (FaultId::RequestIdConstant, |response| {
            set(response, REQUEST_ID, "00000000-0000-0000-0000-000000000000");
        }),
        (FaultId::RetryAfterBad, |response| {
            if response.headers().contains_key(RETRY_AFTER) {
                set(response, RETRY_AFTER, "in a moment");
            }
        }),
        (FaultId::RateLimitLies, |response| {
            set(response, HeaderName::from_static("x-ratelimit-limit"), "10");
            set(response, HeaderName::from_static("x-ratelimit-remaining"), "60");
        }),
        (FaultId::ClockOff, |response| {
            let then = (jiff::Timestamp::now() - BEHIND).strftime("%a, %d %b %Y %H:%M:%S GMT");
            if let Ok(date) = HeaderValue::from_str(&then.to_string()) {
                response.headers_mut().insert(DATE, date);
            }
        }),
    ];
    let Some((fault, change)) = changes.into_iter().find(|(fault, _)| faults.has(*fault)) else {
        return endpoint;
    };
    let endpoint = endpoint
        .map(move |mut response: Response| async move {
            change(&mut response);
            response
        })
        .boxed();
    if fault != FaultId::ClockOff {
        return endpoint;
    }
    super::contract::on(endpoint, Method::GET, "/health", |body| {
        body["timestamp"] = (jiff::Timestamp::now() - BEHIND).to_string().into();
    })
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

/// Methods that do what they should not.
fn methods(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let (head, trace) = (faults.has(FaultId::HeadDiffers), faults.has(FaultId::TraceEchoes));
    let get = faults.has(FaultId::GetHasEffects);
    endpoint
        .around(move |endpoint, mut request: Request| async move {
            if head && request.method() == Method::HEAD {
                return Ok(StatusCode::NOT_FOUND.into_response());
            }
            if trace && request.method() == Method::TRACE {
                let lines = request.headers().iter();
                let lines =
                    lines.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap_or("")));
                let head = format!(
                    "TRACE {} HTTP/1.1\r\n{}",
                    request.uri(),
                    lines.collect::<String>()
                );
                return Ok(Response::builder().content_type("message/http").body(head));
            }
            let there = request.uri().path() == format!("{PREFIX}/ai/orchestrate");
            if get && there && request.method() == Method::GET {
                request.set_method(Method::POST);
            }
            Ok(endpoint.get_response(request).await)
        })
        .boxed()
}

async fn contradict(response: Response) -> Response {
    let labelled = response.content_type().unwrap_or_default();
    if !labelled.starts_with("application/problem+json") {
        return response;
    }
    json::edit(response, |body| body["status"] = 500.into()).await
}

/// As a writer does that takes each character for a byte.
async fn to_latin_1(mut response: Response) -> Response {
    if !response.content_type().is_some_and(|kind| kind.contains("json")) {
        return response;
    }
    let text = response.take_body().into_string().await.unwrap_or_default();
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    response.headers_mut().remove(CONTENT_LENGTH);
    set(&mut response, CONTENT_TYPE, "application/json");
    response.set_body(bytes);
    response
}
