//! What a page may send: preflights that something answers before CORS does, or that CORS answers wrongly.

use std::time::Duration;

use poem::endpoint::EndpointExt;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, LOCATION, ORIGIN, WWW_AUTHENTICATE,
};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint as _, IntoResponse, Request, Response};

use crate::faults::cors::strip;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

const PREFLIGHTS: [FaultId; 3] = [
    FaultId::Preflight405,
    FaultId::PreflightRequiresAuth,
    FaultId::PreflightRedirect,
];

/// Lists that are wrong, or held wrongly against what was asked.
const LISTS: [FaultId; 5] = [
    FaultId::AuthorizationNotAllowed,
    FaultId::HeadersByStar,
    FaultId::HeadersParsedStrictly,
    FaultId::HeadersByAnyMatch,
    FaultId::MaxAgeInvalid,
];

/// How long the work of orchestrate takes, where preflights do it too.
const WORK: Duration = Duration::from_millis(800);

/// The router, a gate or a redirect, answering in place of CORS.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let Some(fault) = PREFLIGHTS.into_iter().find(|fault| faults.has(*fault)) else {
        return endpoint;
    };
    endpoint
        .around(move |endpoint, request: Request| async move {
            if !is_preflight(&request) {
                return Ok(endpoint.get_response(request).await);
            }
            Ok(match fault {
                FaultId::Preflight405 => Problem::from_status(StatusCode::METHOD_NOT_ALLOWED).into_response(),
                FaultId::PreflightRequiresAuth => Problem::new(
                    StatusCode::UNAUTHORIZED,
                    "token_missing",
                    "Missing authorization token",
                )
                .with_header(WWW_AUTHENTICATE, "Bearer realm=\"orchestrate\"")
                .into_response(),
                _ => redirect(&request),
            })
        })
        .boxed()
}

/// What answers in place of CORS does not set its headers; and what the CORS layer itself gets wrong about preflights.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.any(&PREFLIGHTS) {
        return endpoint
            .around(|endpoint, request: Request| async move {
                let bare = is_preflight(&request);
                let response = endpoint.get_response(request).await;
                Ok(if bare { strip(response) } else { response })
            })
            .boxed();
    }
    if faults.has(FaultId::PreflightWorks) {
        return working(endpoint);
    }
    if faults.has(FaultId::MethodNotAllowed) {
        return taking_put(endpoint);
    }
    let Some(fault) = LISTS.into_iter().find(|fault| faults.has(*fault)) else {
        return endpoint;
    };
    endpoint
        .around(move |endpoint, request: Request| async move {
            if !is_preflight(&request) {
                return Ok(endpoint.get_response(request).await);
            }
            let passes = passes(fault, &request);
            let response = endpoint.get_response(request).await;
            Ok(if passes {
                listed(fault, response)
            } else {
                refusal()
            })
        })
        .boxed()
}

/// The same service, which takes PUT for POST. Its preflights list what it had before.
#[must_use]
pub fn taking_put(endpoint: Endpoint) -> Endpoint {
    let put = |mut request: Request| async {
        if request.method() == Method::PUT {
            request.set_method(Method::POST);
        }
        Ok(request)
    };
    endpoint.before(put).boxed()
}

/// Orchestrate, the work of which takes a while, also for those who only ask for leave.
fn working(endpoint: Endpoint) -> Endpoint {
    let path = format!("{PREFIX}/ai/orchestrate");
    endpoint
        .around(move |endpoint, request: Request| {
            let asks = request.uri().path() == path && request.method() == Method::OPTIONS;
            let there = request.uri().path() == path;
            async move {
                let response = endpoint.get_response(request).await;
                if asks || (there && response.status().is_success()) {
                    tokio::time::sleep(WORK).await;
                }
                Ok(response)
            }
        })
        .boxed()
}

/// Whether the layer lets this preflight pass.
fn passes(fault: FaultId, request: &Request) -> bool {
    let asked = request.header(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let known = ["authorization", "content-type", "x-request-id"];
    match fault {
        FaultId::HeadersParsedStrictly => {
            let written = ["Authorization", "Content-Type", "X-Request-Id"];
            asked.is_empty() || asked.split(", ").all(|name| written.contains(&name))
        }
        FaultId::HeadersByAnyMatch => {
            let mut names = asked.split(',').map(|name| name.trim().to_ascii_lowercase());
            asked.is_empty() || names.any(|name| known.contains(&name.as_str()))
        }
        _ => true,
    }
}

/// A preflight's answer with a list that is wrong.
fn listed(fault: FaultId, mut response: Response) -> Response {
    let (name, value) = match fault {
        FaultId::AuthorizationNotAllowed => (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, x-request-id"),
        FaultId::HeadersByStar => (ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        FaultId::MaxAgeInvalid => (ACCESS_CONTROL_MAX_AGE, "10m"),
        _ => return response,
    };
    if response.headers().contains_key(ACCESS_CONTROL_ALLOW_HEADERS) {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// As poem refuses, before any header is set.
fn refusal() -> Response {
    Response::builder().status(StatusCode::FORBIDDEN).finish()
}

/// Whether a request is a CORS preflight (Fetch §3.2.2).
#[must_use]
pub fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// To the same path with a slash, as frameworks that insist on one do.
fn redirect(request: &Request) -> Response {
    Response::builder()
        .status(StatusCode::TEMPORARY_REDIRECT)
        .header(LOCATION, format!("{}/", request.original_uri().path()))
        .finish()
}
