//! Who may read: lists that are wrong, and answers that say nothing of CORS or of caches.

use poem::endpoint::EndpointExt;
use poem::http::StatusCode;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL,
    ORIGIN, VARY,
};
use poem::{Request, Response};

use crate::config::Settings;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::cors::AllowedOrigins;

/// The allow-list, or one whose entries no browser ever sends.
#[must_use]
pub fn origins(origins: AllowedOrigins, settings: &Settings) -> AllowedOrigins {
    if settings.faults.has(FaultId::LocalhostAllowed) {
        let local = ["http://localhost:3000", "http://localhost:5173"].map(str::to_owned);
        return AllowedOrigins::unchecked(&settings.origins.iter().cloned().chain(local).collect::<Vec<_>>());
    }
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
        // A service without a CORS layer does not look at the origin: it answers everybody's OPTIONS alike.
        let blind = |mut request: Request| async {
            request.headers_mut().remove(ORIGIN);
            Ok(request)
        };
        let bare = |response| async {
            let mut response = strip(response);
            response.headers_mut().remove(VARY);
            response
        };
        return endpoint.map(bare).before(blind).boxed();
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
