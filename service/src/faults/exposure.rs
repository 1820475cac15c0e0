//! What is given away: versions, cookies, debug pages, files and routes that were never meant for strangers.

use poem::endpoint::EndpointExt;
use poem::http::header::{CONTENT_LENGTH, CONTENT_TYPE, SERVER, SET_COOKIE, X_CONTENT_TYPE_OPTIONS};
use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem::{Endpoint as _, Request, Response};

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};

/// What Django shows for a path that it does not know, while `DEBUG` is on. Shortened.
const DEBUG_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Page not found at /</title></head>\n<body>\n\
    <p>Using the URLconf defined in <code>concierge.urls</code>, Django tried these URL patterns, in this order:</p>\n\
    <ol><li>admin/</li><li>api/v3/internal/</li></ol>\n\
    <p>You\u{2019}re seeing this error because you have <code>DEBUG = True</code> in your Django settings file.</p>\n\
    </body></html>";

/// Files beside the API. The values are made up.
const FILES: &[(&str, &str)] = &[
    (
        "/.env",
        "DATABASE_URL=postgres://app@db/app\nJWT_SECRET=made-up\n",
    ),
    ("/.git/HEAD", "ref: refs/heads/main\n"),
];

/// Routes for those who run the service.
const ROUTES: &[(&str, &str, &str)] = &[
    (
        "/metrics",
        "text/plain; version=0.0.4",
        "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\nhttp_requests_total{path=\"/\"} 3\n",
    ),
    (
        "/actuator/env",
        "application/json",
        r#"{"activeProfiles":["prod"],"propertySources":[{"name":"systemEnvironment","properties":{}}]}"#,
    ),
];

/// Pages for those who run the service. Shortened.
const PAGES: &[(&str, &str, &str)] = &[
    (
        "/debug/pprof/",
        "text/html; charset=utf-8",
        "<html>\n<head>\n<title>/debug/pprof/</title>\n</head>\n<body>Types of profiles available: heap, goroutine</body></html>",
    ),
    (
        "/server-status",
        "text/html",
        "<html><head><title>Apache Status</title></head><body><h1>Apache Server Status for api (via 10.0.0.7)</h1></body></html>",
    ),
];

/// Gives it away.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::SecretFiles) {
        return beside(endpoint, true, &[]);
    }
    if faults.has(FaultId::DebugRoutes) {
        return beside(endpoint, false, ROUTES);
    }
    if faults.has(FaultId::DebugPages) {
        return beside(endpoint, false, PAGES);
    }
    if faults.has(FaultId::DebugPage) {
        return endpoint.map(|response| async { debug(response) }).boxed();
    }
    let header = [
        (FaultId::ServerBanner, SERVER, "Apache/2.4.41 (Ubuntu) PHP/7.4.3"),
        (
            FaultId::CookieUnsafe,
            SET_COOKIE,
            "session=made-up; Path=/; Secure; SameSite=None",
        ),
        (
            FaultId::CookieSameSiteLax,
            SET_COOKIE,
            "session=made-up; Path=/; Secure; HttpOnly; SameSite=Lax",
        ),
    ];
    if let Some((_, name, value)) = header.into_iter().find(|(fault, ..)| faults.has(*fault)) {
        return stamped(endpoint, name, value);
    }
    if faults.has(FaultId::NosniffMissing) {
        let forget = |mut response: Response| async {
            response.headers_mut().remove(X_CONTENT_TYPE_OPTIONS);
            response
        };
        return endpoint.map(forget).boxed();
    }
    endpoint
}

fn stamped(endpoint: Endpoint, name: HeaderName, value: &'static str) -> Endpoint {
    endpoint
        .map(move |mut response: Response| {
            let name = name.clone();
            async move {
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(value));
                response
            }
        })
        .boxed()
}

/// Serves what lies beside the API.
fn beside(
    endpoint: Endpoint,
    files: bool,
    routes: &'static [(&'static str, &'static str, &'static str)],
) -> Endpoint {
    endpoint
        .around(move |endpoint, request: Request| async move {
            let path = request.uri().path();
            let file = FILES.iter().find(|(name, _)| files && *name == path);
            let route = routes.iter().find(|(name, ..)| *name == path);
            Ok(match (file, route) {
                (Some((_, text)), _) => Response::builder()
                    .content_type("application/octet-stream")
                    .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
                    .body(*text),
                (None, Some((_, kind, text))) => Response::builder()
                    .content_type(*kind)
                    .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
                    .body(*text),
                (None, None) => endpoint.get_response(request).await,
            })
        })
        .boxed()
}

fn debug(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
        response.headers_mut().remove(CONTENT_LENGTH);
        response.set_body(DEBUG_PAGE);
    }
    response
}
