//! What a page may send: preflights that something answers before CORS does.

use poem::endpoint::EndpointExt;
use poem::http::header::{ACCESS_CONTROL_REQUEST_METHOD, LOCATION, ORIGIN, WWW_AUTHENTICATE};
use poem::http::{Method, StatusCode};
use poem::{Endpoint as _, IntoResponse, Request, Response};

use crate::faults::cors::strip;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::problem::Problem;

const PREFLIGHTS: [FaultId; 3] = [
    FaultId::Preflight405,
    FaultId::PreflightRequiresAuth,
    FaultId::PreflightRedirect,
];

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

/// What answers in place of CORS does not set its headers.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if !faults.any(&PREFLIGHTS) {
        return endpoint;
    }
    endpoint
        .around(|endpoint, request: Request| async move {
            let bare = is_preflight(&request);
            let response = endpoint.get_response(request).await;
            Ok(if bare { strip(response) } else { response })
        })
        .boxed()
}

fn is_preflight(request: &Request) -> bool {
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
