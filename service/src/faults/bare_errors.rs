//! Errors that something outside CORS writes: a gateway, a router, a limit, a parser.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use poem::endpoint::EndpointExt;
use poem::http::header::{AUTHORIZATION, CONTENT_LENGTH, RETRY_AFTER, SERVER};
use poem::http::{Method, StatusCode};
use poem::{Endpoint as _, Request, Response};

use crate::faults::cors::strip;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};

/// What nginx takes when nobody has set its `client_max_body_size`.
const MEGABYTE: usize = 1024 * 1024;

/// How many failed logins a limiter lets pass.
const LOGINS: u32 = 3;

/// What nginx says to a larger body.
const TOO_LARGE: &str = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n\
    <center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// Answers some errors outside CORS.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::CorsMissingOn413) {
        return limited_in_size(endpoint);
    }
    if faults.has(FaultId::CorsMissingOn429) {
        return limited_in_logins(endpoint);
    }
    if faults.has(FaultId::CorsMissingOn403) {
        return guarded(endpoint);
    }
    let statuses: &[u16] = if faults.has(FaultId::CorsMissingOn404) {
        &[404, 405]
    } else if faults.has(FaultId::CorsMissingOnParseErrors) {
        &[400, 415, 422]
    } else if faults.has(FaultId::HandlerOutsideCors) {
        &[500]
    } else {
        return endpoint;
    };
    endpoint
        .map(move |response: Response| async move {
            if statuses.contains(&response.status().as_u16()) {
                strip(response)
            } else {
                response
            }
        })
        .boxed()
}

/// A proxy whose limit of body size nobody has raised.
fn limited_in_size(endpoint: Endpoint) -> Endpoint {
    endpoint
        .around(|endpoint, mut request: Request| async move {
            let length = request
                .header(CONTENT_LENGTH)
                .and_then(|length| length.parse().ok());
            if length.is_none_or(|length: usize| length <= MEGABYTE) {
                return Ok(endpoint.get_response(request).await);
            }
            // Read to its end, so that the answer arrives.
            let _ = request.take_body().into_bytes().await;
            Ok(Response::builder()
                .status(StatusCode::PAYLOAD_TOO_LARGE)
                .header(SERVER, "nginx")
                .content_type("text/html")
                .body(TOO_LARGE))
        })
        .boxed()
}

/// A limiter of failed logins, in front of CORS.
fn limited_in_logins(endpoint: Endpoint) -> Endpoint {
    let failed = Arc::new(AtomicU32::new(0));
    endpoint
        .map(move |response: Response| {
            let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
            let limited = unauthorized && failed.fetch_add(1, Ordering::Relaxed) >= LOGINS;
            async move {
                if !limited {
                    return response;
                }
                Response::builder()
                    .status(StatusCode::TOO_MANY_REQUESTS)
                    .header(RETRY_AFTER, "30")
                    .content_type("text/plain; charset=utf-8")
                    .body("Too many failed logins")
            }
        })
        .boxed()
}

/// A gateway that looks at tokens itself, and refuses in its own words.
fn guarded(endpoint: Endpoint) -> Endpoint {
    endpoint
        .around(|endpoint, request: Request| async move {
            let token = request.headers().contains_key(AUTHORIZATION) && request.method() != Method::OPTIONS;
            let response = endpoint.get_response(request).await;
            if !token || response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            Ok(Response::builder()
                .status(StatusCode::FORBIDDEN)
                .content_type("text/plain; charset=utf-8")
                .body("Forbidden"))
        })
        .boxed()
}
