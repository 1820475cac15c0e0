//! The operation that renews sessions, with the mistakes that such operations have.

use poem::endpoint::EndpointExt;
use poem::http::header::{CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Body, Endpoint as _, IntoResponse, Request, Response};
use serde_json::{Value, json};

use crate::auth::AuthSettings;
use crate::auth::mint::{TokenRequest, mint};
use crate::auth::verify::Verifier;
use crate::faults::id::FaultId;
use crate::faults::json::edit;
use crate::faults::look_alike::LookAlike;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;
use crate::secret::Secret;

#[derive(Clone, Copy)]
enum Mistake {
    /// The session's lookup is never awaited, whatever is shown.
    Crashes,
    /// What the access token is signed with is not what it is verified with.
    SignsOtherwise,
    /// The kind of the token is not looked at.
    TakesAccess,
    /// Right: refusals as RFC 6749 §5.2 words them.
    SaysInvalidGrant,
}

/// The operation that renews sessions, or one with a mistake.
#[must_use]
pub fn inside(endpoint: Endpoint, settings: &AuthSettings, faults: &Faults) -> Endpoint {
    let mistake = if faults.has(FaultId::RefreshCrashes) {
        Mistake::Crashes
    } else if faults.has(FaultId::RefreshUseless) {
        Mistake::SignsOtherwise
    } else if faults.has(FaultId::RefreshTakesAccess) {
        Mistake::TakesAccess
    } else if faults.look_alike == Some(LookAlike::InvalidGrant) {
        Mistake::SaysInvalidGrant
    } else {
        return endpoint;
    };
    let (path, settings) = (format!("{PREFIX}/auth/refresh"), settings.clone());
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == Method::POST;
            let settings = settings.clone();
            async move {
                if !there {
                    return Ok(endpoint.get_response(request).await);
                }
                Ok(mistaken(&endpoint, request, &settings, mistake).await)
            }
        })
        .boxed()
}

async fn mistaken(
    endpoint: &Endpoint,
    mut request: Request,
    settings: &AuthSettings,
    mistake: Mistake,
) -> Response {
    if matches!(mistake, Mistake::Crashes) {
        return Problem::internal().into_response();
    }
    let bytes = request.take_body().into_bytes().await.unwrap_or_default();
    let shown: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let shown = shown["refresh_token"].as_str().unwrap_or_default().to_owned();
    request.set_body(Body::from(bytes));
    let response = endpoint.get_response(request).await;
    match (mistake, response.status()) {
        (Mistake::SignsOtherwise, StatusCode::OK) => {
            edit(response, |body| {
                body["access_token"] = json!(signed(&otherwise(settings), "greenlight"));
            })
            .await
        }
        (Mistake::TakesAccess, StatusCode::UNAUTHORIZED) => match Verifier::new(settings).verify(&shown) {
            Ok(caller) => renewed(response, settings, &caller.subject),
            Err(_) => response,
        },
        (Mistake::SaysInvalidGrant, StatusCode::UNAUTHORIZED) => {
            let problem = Problem::bad_request("invalid_grant", "The refresh token is not good (any more).");
            problem.into_response()
        }
        _ => response,
    }
}

/// The settings of the deploy before this one.
fn otherwise(settings: &AuthSettings) -> AuthSettings {
    AuthSettings {
        secret: Secret::new("the secret of the deploy before this one"),
        ..settings.clone()
    }
}

fn signed(settings: &AuthSettings, subject: &str) -> String {
    mint(settings, &TokenRequest::access(subject)).unwrap_or_default()
}

/// New tokens, for whoever showed anything that is signed.
fn renewed(mut response: Response, settings: &AuthSettings, subject: &str) -> Response {
    let refresh = mint(settings, &TokenRequest::access(subject).refresh()).unwrap_or_default();
    let tokens = json!({
        "access_token": signed(settings, subject),
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": refresh,
        "scope": "",
    });
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.remove(WWW_AUTHENTICATE);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.set_body(tokens.to_string());
    response.set_status(StatusCode::OK);
    response
}
