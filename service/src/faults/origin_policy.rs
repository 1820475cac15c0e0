//! Origins that nobody listed and that are allowed all the same, and one that is named wrongly.

use poem::endpoint::EndpointExt;
use poem::http::HeaderValue;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ORIGIN,
};
use poem::{Endpoint as _, Request, Response};

use crate::config::WEB_ORIGIN;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};

/// A comparison of origins: whether this one passes.
type Admit = fn(&str) -> bool;

/// The host of the one origin that is meant.
const HOST: &str = "concierge.example";

/// The careless comparisons.
const CARELESS: [(FaultId, Admit); 7] = [
    (FaultId::OriginReflected, |_| true),
    (FaultId::NullOriginAllowed, |origin| origin == "null"),
    (FaultId::OriginByPrefix, |origin| origin.starts_with(WEB_ORIGIN)),
    (FaultId::OriginBySuffix, |origin| origin.ends_with(HOST)),
    (FaultId::OriginByPattern, by_pattern),
    (FaultId::OriginHttpTwin, |origin| {
        origin.strip_prefix("http://") == Some(HOST)
    }),
    (FaultId::OriginAnySubdomain, |origin| {
        let host = origin.strip_prefix("https://").unwrap_or_default();
        host.strip_suffix(HOST).is_some_and(|label| label.ends_with('.'))
    }),
];

/// Puts a careless comparison in place of the list.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::WildcardWithCredentials) {
        return as_allowed(endpoint, |_| true, |_| HeaderValue::from_static("*"));
    }
    if faults.has(FaultId::OriginReflectedOpen) {
        return reflected_open(endpoint);
    }
    if faults.has(FaultId::JsonAsText) {
        let json = |mut request: Request| async {
            request
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(request)
        };
        return endpoint.before(json).boxed();
    }
    match CARELESS.into_iter().find(|(fault, _)| faults.has(*fault)) {
        Some((_, admit)) => as_allowed(endpoint, admit, HeaderValue::clone),
        None => endpoint,
    }
}

/// The pattern `https://concierge.example`, unescaped: its dot stands for any character.
fn by_pattern(origin: &str) -> bool {
    let fits = |(found, meant): (u8, u8)| meant == b'.' || found == meant;
    origin.len() == WEB_ORIGIN.len() && origin.bytes().zip(WEB_ORIGIN.bytes()).all(fits)
}

/// Answers origins that `admit` lets in as if they were on the list, naming them as `name` says.
fn as_allowed(endpoint: Endpoint, admit: Admit, name: fn(&HeaderValue) -> HeaderValue) -> Endpoint {
    let listed = HeaderValue::from_static(WEB_ORIGIN);
    endpoint
        .around(move |endpoint, mut request: Request| {
            let listed = listed.clone();
            async move {
                let sent = request.headers().get(ORIGIN).cloned();
                let Some(origin) = sent.filter(|sent| sent.to_str().is_ok_and(admit)) else {
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

/// Every origin is echoed; credentials go to the listed ones alone.
fn reflected_open(endpoint: Endpoint) -> Endpoint {
    let all = as_allowed(endpoint, |_| true, HeaderValue::clone);
    all.around(|endpoint, request: Request| async move {
        let foreign = request
            .headers()
            .get(ORIGIN)
            .is_some_and(|origin| origin != WEB_ORIGIN);
        let mut response: Response = endpoint.get_response(request).await;
        if foreign {
            response.headers_mut().remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
        }
        Ok(response)
    })
    .boxed()
}
