//! Ways around the gate, and refusals that are worded or routed wrongly.

use std::sync::Arc;

use poem::endpoint::EndpointExt;
use poem::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use poem::http::{HeaderValue, Method, StatusCode, Uri};
use poem::{Endpoint as _, IntoResponse, Request, Response};
use serde_json::json;

use crate::auth::AuthSettings;
use crate::auth::mint::{TokenRequest, mint};
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, json, keys};
use crate::http::api::PREFIX;
use crate::http::ask::Ask;
use crate::http::payload::FromJson;
use crate::http::problem::Problem;

/// Everything about doors that goes wrong in front of the service.
const IN_FRONT: &[FaultId] = &[
    FaultId::TestUserHeader,
    FaultId::DevLoginLive,
    FaultId::DevTokenLive,
    FaultId::InternalHeaderTrusted,
    FaultId::OriginalUrlTrusted,
    FaultId::ForwardedHeaderTrusted,
    FaultId::PathVariantOpen,
    FaultId::TokenInQuery,
    FaultId::AuthorizationStripped,
    FaultId::SchemeCase,
    FaultId::PublicKeyAsSecret,
    FaultId::LoginRedirect,
    FaultId::Missing403,
    FaultId::NoChallenge,
    FaultId::BareChallenge,
    FaultId::VerboseRefusal,
];

/// Puts the mistake in front of the service.
#[must_use]
pub fn outside(endpoint: Endpoint, auth: &AuthSettings, faults: &Faults) -> Endpoint {
    let Some(fault) = IN_FRONT.iter().copied().find(|fault| faults.has(*fault)) else {
        return endpoint;
    };
    let auth = Arc::new(auth.clone());
    endpoint
        .around(move |endpoint, mut request: Request| {
            let auth = auth.clone();
            async move {
                if let Some(answer) = before(fault, &mut request, &auth) {
                    return Ok(answer);
                }
                let response = endpoint.get_response(request).await;
                if response.status() == StatusCode::UNAUTHORIZED {
                    return Ok(refused(fault, response).await);
                }
                Ok(response)
            }
        })
        .boxed()
}

/// What happens to a request before the service sees it, or the answer in its stead.
fn before(fault: FaultId, request: &mut Request, auth: &AuthSettings) -> Option<Response> {
    let path = request.uri().path().to_owned();
    let header = |name: &str| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let vouched = match fault {
        FaultId::TestUserHeader => !header("x-test-user").is_empty(),
        FaultId::InternalHeaderTrusted => header("x-middleware-subrequest").contains("middleware"),
        FaultId::ForwardedHeaderTrusted => header("x-forwarded-for").starts_with("127.0.0.1"),
        FaultId::OriginalUrlTrusted => {
            let original = header("x-original-url");
            !original.is_empty() && path.ends_with("/health") && redirect(request, &original)
        }
        FaultId::PathVariantOpen => {
            let canonical = canonical(&path);
            canonical != path && redirect(request, &canonical)
        }
        FaultId::TokenInQuery => {
            let query = request.uri().query().unwrap_or_default();
            let token = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("access_token="));
            let bearer = token.map(|token| format!("Bearer {token}"));
            if let Some(bearer) = bearer.and_then(|bearer| HeaderValue::from_str(&bearer).ok()) {
                request.headers_mut().insert(AUTHORIZATION, bearer);
            }
            false
        }
        FaultId::SchemeCase if !header("authorization").starts_with("Bearer") => {
            request.headers_mut().remove(AUTHORIZATION);
            false
        }
        FaultId::AuthorizationStripped => {
            request.headers_mut().remove(AUTHORIZATION);
            false
        }
        FaultId::PublicKeyAsSecret => {
            let there = path == format!("{PREFIX}/.well-known/jwks.json");
            return there.then(|| said(&keys::published()));
        }
        FaultId::DevLoginLive | FaultId::DevTokenLive => {
            let route = if fault == FaultId::DevLoginLive {
                "/auth/dev-login"
            } else {
                "/dev/token"
            };
            let there = path == format!("{PREFIX}{route}");
            return there.then(|| said(&json!({"access_token": token(auth), "token_type": "bearer"})));
        }
        _ => false,
    };
    if vouched && let Ok(bearer) = HeaderValue::from_str(&format!("Bearer {}", token(auth))) {
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    None
}

fn token(auth: &AuthSettings) -> String {
    mint(auth, &TokenRequest::access("somebody")).unwrap_or_default()
}

fn said(body: &serde_json::Value) -> Response {
    Response::builder()
        .content_type("application/json")
        .body(body.to_string())
}

/// Sends the request to another path. Always true, so that it reads as a condition.
fn redirect(request: &mut Request, path: &str) -> bool {
    if let Ok(uri) = path.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    true
}

/// The path as a lenient router reads it.
fn canonical(path: &str) -> String {
    let decoded = path
        .replace("%2e", ".")
        .replace("%2E", ".")
        .replace("%76", "v")
        .to_ascii_lowercase();
    let parts: Vec<&str> = decoded
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    format!("/{}", parts.join("/"))
}

/// What becomes of a 401.
async fn refused(fault: FaultId, mut response: Response) -> Response {
    match fault {
        FaultId::LoginRedirect => {
            response.set_status(StatusCode::FOUND);
            let login = HeaderValue::from_static("/login?next=%2Fapi%2Fv3");
            for name in [CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE] {
                response.headers_mut().remove(name);
            }
            response.headers_mut().insert(LOCATION, login);
            response.set_body(());
        }
        FaultId::Missing403 => {
            let challenge = response.headers().get(WWW_AUTHENTICATE);
            let bad = challenge
                .is_some_and(|challenge| challenge.as_bytes().windows(5).any(|word| word == b"error"));
            if !bad {
                response.set_status(StatusCode::FORBIDDEN);
            }
        }
        FaultId::NoChallenge => {
            response.headers_mut().remove(WWW_AUTHENTICATE);
        }
        FaultId::BareChallenge => {
            let bare = HeaderValue::from_static("Bearer realm=\"orchestrate\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, bare);
        }
        FaultId::VerboseRefusal => {
            let detail = "Invalid proxy server token passed. Received key hash \
                9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08: not found in LiteLLM_VerificationTokenTable";
            return json::edit(response, |body| body["detail"] = json!(detail)).await;
        }
        _ => {}
    }
    response
}

/// Validates the body before anybody asks who sent it.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if !faults.has(FaultId::InputBeforeAuth) {
        return endpoint;
    }
    endpoint
        .around(|endpoint, mut request: Request| async move {
            if request.method() == Method::POST {
                let bytes = request.take_body().into_bytes().await.unwrap_or_default();
                if let Ok(value) = serde_json::from_slice(&bytes)
                    && let Err(errors) = Ask::from_json(value)
                {
                    let detail = "Fields of the request body are wrong: see errors.";
                    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", detail);
                    return Ok(problem.with_errors(errors).into_response());
                }
                request.set_body(bytes);
            }
            Ok(endpoint.get_response(request).await)
        })
        .boxed()
}
