//! Who may read: lists, reflections and headers that are wrong.

use poem::endpoint::EndpointExt;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL,
    ORIGIN, VARY,
};
use poem::http::{HeaderValue, StatusCode};
use poem::{Endpoint as _, Request, Response};

use crate::config::Settings;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::cors::AllowedOrigins;

/// The allow-list, or one whose entries no browser ever sends.
#[must_use]
pub fn origins(origins: AllowedOrigins, settings: &Settings) -> AllowedOrigins {
    if !settings.faults.has(FaultId::OriginNotListed) {
        return origins;
    }
    let twins = |origin: &String| [format!("{origin}/"), origin.replacen("://", "://www.", 1)];
    AllowedOrigins::unchecked(&settings.origins.iter().flat_map(twins).collect::<Vec<_>>())
}

/// Wrong headers on the way out.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::CorsMissingEverywhere) {
        let bare = |response| async {
            let mut response = strip(response);
            response.headers_mut().remove(VARY);
            response
        };
        return endpoint.map(bare).boxed();
    }
    if faults.has(FaultId::CorsMissingOn401) {
        let bare = |response: Response| async {
            if response.status() == StatusCode::UNAUTHORIZED {
                strip(response)
            } else {
                response
            }
        };
        return endpoint.map(bare).boxed();
    }
    if faults.has(FaultId::VaryMissing) {
        let forget = |mut response: Response| async {
            // A service that forgets one header for caches forgets the other: these answers may be stored.
            response.headers_mut().remove(CACHE_CONTROL);
            response.headers_mut().remove(VARY);
            response
        };
        return endpoint.map(forget).boxed();
    }
    if faults.has(FaultId::WildcardWithCredentials) {
        return as_allowed(endpoint, |_| true, |_| HeaderValue::from_static("*"));
    }
    if faults.has(FaultId::OriginReflected) {
        return as_allowed(endpoint, |_| true, HeaderValue::clone);
    }
    if faults.has(FaultId::NullOriginAllowed) {
        return as_allowed(endpoint, |origin| origin == "null", HeaderValue::clone);
    }
    endpoint
}

/// An answer without any of the CORS response headers.
#[must_use]
pub fn strip(mut response: Response) -> Response {
    for name in [
        ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE,
    ] {
        response.headers_mut().remove(name);
    }
    response
}

/// Answers origins that `admit` lets in as if they were on the list, naming them as `name` says.
fn as_allowed(
    endpoint: Endpoint,
    admit: fn(&HeaderValue) -> bool,
    name: fn(&HeaderValue) -> HeaderValue,
) -> Endpoint {
    let listed = HeaderValue::from_static(crate::config::WEB_ORIGIN);
    endpoint
        .around(move |endpoint, mut request: Request| {
            let listed = listed.clone();
            async move {
                let sent = request.headers().get(ORIGIN).cloned();
                let Some(origin) = sent.filter(admit) else {
                    return Ok(endpoint.get_response(request).await);
                };
                request.headers_mut().insert(ORIGIN, listed);
                let mut response = endpoint.get_response(request).await;
                response
                    .headers_mut()
                    .insert(ACCESS_CONTROL_ALLOW_ORIGIN, name(&origin));
                Ok(response)
            }
        })
        .boxed()
}
