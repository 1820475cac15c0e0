//! Errors of the server itself: which status, who answers it, what it gives away.

use std::sync::Arc;

use poem::endpoint::EndpointExt;
use poem::http::header::{ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN, SERVER};
use poem::http::{HeaderValue, StatusCode};
use poem::{Endpoint as _, IntoResponse, Request, Response};

use crate::faults::closing::Condemned;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::problem::Problem;

/// What a service says that passes its provider's answer on as an error of its own.
const RATE_LIMITED: &str = "Orchestration failed: Error code: 429 - Rate limit reached for requests";

/// What a crash of the original would have shown.
const TRACE: &str = "Traceback (most recent call last):\n  File \"/app/app/api/ai.py\", line 118, in orchestrate\n    \
     result = await orchestrator.orchestrate(request)\nTypeError: object dict can't be used in 'await' expression";

/// Wrong statuses and leaky details, before the error is written out.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let mut crashing_codes = Vec::new();
    if faults.has(FaultId::Base64Crash) {
        crashing_codes.push("audio_not_base64");
    }
    if faults.has(FaultId::Upstream429As500) {
        crashing_codes.push("provider_rate_limited");
    }
    let leaks = faults.has(FaultId::StackTraceLeak);
    if crashing_codes.is_empty() && !leaks {
        return endpoint;
    }
    endpoint
        .map(move |response: Response| {
            let code = response.data::<Problem>().map(|problem| problem.code.clone());
            let limited = code.as_ref().is_some_and(|code| code == "provider_rate_limited");
            let detail = limited.then(|| RATE_LIMITED.to_owned());
            let crashes = code.is_some_and(|code| crashing_codes.contains(&code.as_ref()));
            async move {
                if crashes {
                    let mut problem = Problem::internal();
                    problem.detail = detail.unwrap_or(problem.detail);
                    return problem.into_response();
                }
                if leaks && response.status() == StatusCode::INTERNAL_SERVER_ERROR {
                    let mut problem = Problem::internal();
                    problem.detail = TRACE.to_owned();
                    return problem.into_response();
                }
                response
            }
        })
        .boxed()
}

/// Crashes that are answered outside of everything.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults, condemned: &Arc<Condemned>) -> Endpoint {
    if faults.has(FaultId::MissingAwait) {
        let condemned = condemned.clone();
        return endpoint
            .around(move |endpoint, request: Request| {
                let condemned = condemned.clone();
                async move {
                    let peer = request.remote_addr().as_socket_addr().copied();
                    let response = endpoint.get_response(request).await;
                    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
                        return Ok(response);
                    }
                    // Nothing of what the inner layers added survives, and the connection closes unannounced.
                    condemned.extend(peer);
                    Ok(bare())
                }
            })
            .boxed();
    }
    if faults.has(FaultId::ErrorHandlerEchoesOrigin) {
        return endpoint
            .around(|endpoint, request| async move { Ok(echo(&endpoint, request).await) })
            .boxed();
    }
    endpoint
}

/// The answer of a server's outermost layer, when nothing inside of it answered.
pub fn bare() -> Response {
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .header(SERVER, "uvicorn")
        .content_type("text/plain; charset=utf-8")
        .body("Internal Server Error")
}

/// The error handler of the original's fix, which sets CORS headers by hand.
async fn echo(endpoint: &Endpoint, request: Request) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = endpoint.get_response(request).await;
    if let (StatusCode::INTERNAL_SERVER_ERROR, Some(origin)) = (response.status(), origin) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    response
}
