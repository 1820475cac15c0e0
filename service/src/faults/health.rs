//! Health routes that say what is not, what was, too much, too late, or to nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::endpoint::EndpointExt;
use poem::http::header::{AGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, LOCATION, WWW_AUTHENTICATE};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode};
use poem::{Endpoint as _, IntoResponse, Request, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

/// What a host answers that serves a single-page application for everything.
const PAGE: &str = "<!doctype html>\n<html><head><title>Concierge</title></head><body><div id=\"root\"></div>\
    <script src=\"/assets/index.js\"></script></body></html>\n";

/// What happens to an answer.
type Change = fn(Response) -> BoxFuture<'static, Response>;

/// Health behind the guard, inside the layers that make a refusal presentable.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if !faults.has(FaultId::HealthNeedsAuth) {
        return endpoint;
    }
    endpoint
        .around(|endpoint, request: Request| async move {
            let bare = !request.headers().contains_key(AUTHORIZATION);
            if bare && is_health(&request) {
                let detail = "Missing authorization token";
                let problem = Problem::new(StatusCode::UNAUTHORIZED, "token_missing", detail);
                let challenge = "Bearer realm=\"orchestrate\"";
                return Ok(problem.with_header(WWW_AUTHENTICATE, challenge).into_response());
            }
            Ok(endpoint.get_response(request).await)
        })
        .boxed()
}

/// Changes what a health route says, and when.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let changes: [(FaultId, &'static str, Change); 9] = [
        (FaultId::HealthContradicts, "/health", |response| {
            contradict(response).boxed()
        }),
        (FaultId::HealthStale, "/health", |response| {
            from_a_cache(response).boxed()
        }),
        (FaultId::SecretLeak, "/ai/health", |response| {
            show_the_key(response).boxed()
        }),
        (FaultId::HealthHealthyAs503, "/health", |response| {
            async { with_status(response, StatusCode::SERVICE_UNAVAILABLE) }.boxed()
        }),
        (FaultId::HealthUnhealthyAs200, "/health", |response| {
            unhealthy(response, StatusCode::OK).boxed()
        }),
        (FaultId::HealthRedirects, "/health", |response| {
            async { to_login(response) }.boxed()
        }),
        (FaultId::HealthIsAPage, "/health", |response| {
            async { page(response) }.boxed()
        }),
        (FaultId::HealthShowsInternals, "/health", |response| {
            show_internals(response).boxed()
        }),
        (FaultId::VersionAbsent, "/health", |response| {
            nameless(response).boxed()
        }),
    ];
    if let Some((_, route, change)) = changes.into_iter().find(|(fault, ..)| faults.has(*fault)) {
        let endpoint = on(endpoint, route, change);
        return if faults.has(FaultId::VersionAbsent) {
            unnamed(on(endpoint, "/info", change))
        } else {
            endpoint
        };
    }
    if faults.has(FaultId::WrongService) {
        return endpoint.map(|response| async { page(response) }).boxed();
    }
    timing(endpoint, faults)
}

/// Health that comes late, in turns, or not to everybody.
fn timing(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::HealthSlow) {
        let delay = faults.delay / 4;
        return endpoint
            .around(move |endpoint, request: Request| async move {
                if is_health(&request) {
                    tokio::time::sleep(delay).await;
                }
                Ok(endpoint.get_response(request).await)
            })
            .boxed();
    }
    if faults.has(FaultId::HealthBlocked) {
        return one_worker(endpoint, faults.delay / 8);
    }
    if faults.has(FaultId::HealthPays) {
        return thinking(endpoint, faults.delay / 12);
    }
    if faults.has(FaultId::HealthFlaps) {
        let asked = Arc::new(AtomicUsize::new(0));
        return endpoint
            .around(move |endpoint, request: Request| {
                let turn = is_health(&request).then(|| asked.fetch_add(1, Ordering::Relaxed));
                async move {
                    let response = endpoint.get_response(request).await;
                    Ok(match turn {
                        Some(turn) if !turn.is_multiple_of(2) => {
                            unhealthy(response, StatusCode::SERVICE_UNAVAILABLE).await
                        }
                        _ => response,
                    })
                }
            })
            .boxed();
    }
    if faults.has(FaultId::HealthHeadMissing) {
        return endpoint
            .around(|endpoint, request: Request| {
                let there = request.method() == Method::HEAD && is_at(&request, "/health");
                async move {
                    let response = endpoint.get_response(request).await;
                    Ok(if there {
                        with_status(response, StatusCode::NOT_FOUND)
                    } else {
                        response
                    })
                }
            })
            .boxed();
    }
    endpoint
}

/// A provider that takes its time, so that what a call costs can be seen from outside.
fn thinking(endpoint: Endpoint, takes: Duration) -> Endpoint {
    endpoint
        .around(move |endpoint, request: Request| async move {
            let is_work = is_at(&request, "/ai/orchestrate") && request.method() == Method::POST;
            let response = endpoint.get_response(request).await;
            if is_work && response.status().is_success() {
                tokio::time::sleep(takes).await;
            }
            Ok(response)
        })
        .boxed()
}

/// One worker for everything: whoever comes while it works waits for it.
fn one_worker(endpoint: Endpoint, works: Duration) -> Endpoint {
    let worker = Arc::new(Mutex::new(()));
    endpoint
        .around(move |endpoint, request: Request| {
            let worker = worker.clone();
            async move {
                if is_health(&request) {
                    let _turn = worker.lock().await;
                    return Ok(endpoint.get_response(request).await);
                }
                let is_work = is_at(&request, "/ai/orchestrate") && request.method() == Method::POST;
                if !is_work {
                    return Ok(endpoint.get_response(request).await);
                }
                let _turn = worker.lock().await;
                let response = endpoint.get_response(request).await;
                if response.status().is_success() {
                    tokio::time::sleep(works).await;
                }
                Ok(response)
            }
        })
        .boxed()
}

fn is_at(request: &Request, route: &str) -> bool {
    request.uri().path().strip_prefix(PREFIX) == Some(route)
}

fn is_health(request: &Request) -> bool {
    request.method() == Method::GET && is_at(request, "/health")
}

fn on(endpoint: Endpoint, route: &'static str, change: Change) -> Endpoint {
    endpoint
        .around(move |endpoint, request: Request| {
            let there = is_at(&request, route) && request.method() == Method::GET;
            async move {
                let response = endpoint.get_response(request).await;
                Ok(if there { change(response).await } else { response })
            }
        })
        .boxed()
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    response.set_status(status);
    response
}

/// As the original: healthy, whatever the database says.
async fn contradict(response: Response) -> Response {
    json::edit(with_status(response, StatusCode::OK), |body| {
        body["status"] = json!("healthy");
        body["database"] = json!("error");
    })
    .await
}

async fn unhealthy(response: Response, status: StatusCode) -> Response {
    json::edit(with_status(response, status), |body| {
        body["status"] = json!("unhealthy");
        body["database"] = json!("error");
    })
    .await
}

async fn from_a_cache(mut response: Response) -> Response {
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    response
        .headers_mut()
        .insert(AGE, HeaderValue::from_static("86400"));
    let public = HeaderValue::from_static("public, max-age=604800");
    response.headers_mut().insert(CACHE_CONTROL, public);
    json::edit(response, |body| body["timestamp"] = json!(yesterday.to_string())).await
}

async fn show_the_key(response: Response) -> Response {
    // Made up, and of the shape that scanners know.
    let key = json!({"status": "configured", "key_prefix": "sk-proj-4f9a2c81d07b36e5"});
    json::edit(response, |body| body["checks"]["openai_api_key"] = key).await
}

async fn show_internals(response: Response) -> Response {
    let last = "psycopg2.OperationalError: connection to server at \"db-primary.acme.internal\" (10.0.3.7), port 5432 failed: \
        Connection refused";
    json::edit(response, |body| body["last_database_error"] = json!(last)).await
}

async fn nameless(response: Response) -> Response {
    json::edit(response, |body| {
        body["version"] = json!("unknown");
        if let Value::Object(members) = body {
            members.remove("commit");
        }
    })
    .await
}

/// Answers without the header that names the build.
fn unnamed(endpoint: Endpoint) -> Endpoint {
    endpoint
        .map(|mut response: Response| async {
            let nameless = HeaderValue::from_static("unknown");
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-app-version"), nameless);
            response
        })
        .boxed()
}

fn to_login(mut response: Response) -> Response {
    let login = HeaderValue::from_static("/login?next=%2Fapi%2Fv3%2Fhealth");
    response.headers_mut().insert(LOCATION, login);
    response.headers_mut().remove(CONTENT_LENGTH);
    response.set_body(());
    with_status(response, StatusCode::FOUND)
}

fn page(mut response: Response) -> Response {
    response.headers_mut().remove(CONTENT_LENGTH);
    response.set_body(PAGE);
    with_status(
        response.set_content_type("text/html; charset=utf-8"),
        StatusCode::OK,
    )
}
