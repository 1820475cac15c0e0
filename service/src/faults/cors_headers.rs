//! CORS headers that are there and wrong: twice, in a list, misspelt, on one answer and not on the other.

use poem::endpoint::EndpointExt;
use poem::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL,
    HeaderName, ORIGIN, VARY,
};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint as _, Request, Response};

use crate::faults::cors::strip;
use crate::faults::id::FaultId;
use crate::faults::preflight::is_preflight;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;

/// Timing-Allow-Origin (Resource Timing §4.5).
const TIMING: HeaderName = HeaderName::from_static("timing-allow-origin");

const FAULTS: [FaultId; 12] = [
    FaultId::OriginFixed,
    FaultId::OriginSentTwice,
    FaultId::OriginsInOneHeader,
    FaultId::OriginWithSlash,
    FaultId::CredentialsMisspelt,
    FaultId::CredentialsOnPreflightOnly,
    FaultId::ActualBare,
    FaultId::RouteBare,
    FaultId::CorsOnPreflightOnly,
    FaultId::CorsFilterRaises,
    FaultId::OddOriginCrashes,
    FaultId::TimingClosed,
];

/// What an answer was an answer to.
struct Asked {
    preflight: bool,
    under_ai: bool,
    orchestrate: bool,
    origin: Option<HeaderValue>,
}

/// Wrong headers on the way out.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::VaryClobbered) {
        return clobbered(endpoint);
    }
    let Some(fault) = FAULTS.into_iter().find(|fault| faults.has(*fault)) else {
        return endpoint;
    };
    endpoint
        .around(move |endpoint, request: Request| async move {
            let path = request.uri().path();
            let asked = Asked {
                preflight: is_preflight(&request),
                under_ai: path.starts_with(&format!("{PREFIX}/ai/")),
                orchestrate: path == format!("{PREFIX}/ai/orchestrate") && request.method() == Method::POST,
                origin: request.headers().get(ORIGIN).cloned(),
            };
            if raises(fault, asked.origin.as_ref()) {
                return Ok(crash());
            }
            Ok(spoil(fault, &asked, endpoint.get_response(request).await))
        })
        .boxed()
}

/// Whether the filter fails at this origin before anything behind it is asked.
fn raises(fault: FaultId, origin: Option<&HeaderValue>) -> bool {
    match fault {
        FaultId::CorsFilterRaises => origin.is_some(),
        FaultId::OddOriginCrashes => origin.is_some_and(|origin| origin.to_str().is_err()),
        _ => false,
    }
}

/// What a server says of an error in a filter that nothing wraps.
fn crash() -> Response {
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .content_type("text/plain; charset=utf-8")
        .body("Internal Server Error")
}

fn spoil(fault: FaultId, asked: &Asked, mut response: Response) -> Response {
    let bare = match fault {
        FaultId::ActualBare => asked.orchestrate,
        FaultId::CorsOnPreflightOnly => !asked.preflight,
        FaultId::RouteBare if asked.under_ai && asked.preflight => return router(),
        FaultId::RouteBare => asked.under_ai,
        _ => false,
    };
    if bare {
        return strip(response);
    }
    if fault == FaultId::OriginFixed {
        let first = HeaderValue::from_static("https://staging.concierge.example");
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, first);
        return response;
    }
    let Some(named) = response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned() else {
        return response;
    };
    let headers = response.headers_mut();
    match fault {
        FaultId::OriginSentTwice => {
            headers.append(ACCESS_CONTROL_ALLOW_ORIGIN, named);
        }
        FaultId::OriginsInOneHeader => {
            let all = HeaderValue::from_static("https://concierge.example, http://localhost:3000");
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, all);
        }
        FaultId::OriginWithSlash => {
            let slash = [named.as_bytes(), b"/"].concat();
            let slash = HeaderValue::from_bytes(&slash).unwrap_or(named);
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, slash);
        }
        FaultId::CredentialsMisspelt => {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("True"));
        }
        FaultId::CredentialsOnPreflightOnly if !asked.preflight => {
            headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
        }
        FaultId::TimingClosed => {
            let other = HeaderValue::from_static("https://staging.concierge.example");
            headers.insert(TIMING, other);
        }
        _ => {}
    }
    response
}

/// What a router without CORS says to OPTIONS.
fn router() -> Response {
    Response::builder()
        .status(StatusCode::METHOD_NOT_ALLOWED)
        .header("allow", "POST")
        .content_type("text/plain; charset=utf-8")
        .body("Method Not Allowed")
}

/// Compression says that answers depend on Accept-Encoding, small ones that stay as they are included; then CORS says that they
/// depend on Origin, and nothing else. Such a service says nothing else to caches either.
fn clobbered(endpoint: Endpoint) -> Endpoint {
    endpoint
        .around(|endpoint, request: Request| async move {
            let coded = request.headers().contains_key(ACCEPT_ENCODING);
            let from_page = request.headers().contains_key(ORIGIN);
            let mut response = endpoint.get_response(request).await;
            let headers = response.headers_mut();
            headers.remove(CACHE_CONTROL);
            if coded && !from_page {
                headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
            }
            Ok(response)
        })
        .boxed()
}
