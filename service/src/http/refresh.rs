//! `POST /auth/refresh`: the next pair of tokens for a refresh token, which is good once.
//!
//! A refresh token that is shown a second time ends its session, access tokens included; there is no grace
//! (`crate::auth::session` says why). The original answered 500 to every call for months, and took refresh tokens where access
//! tokens belong.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;

use crate::auth::session::SessionBook;
use crate::auth::verify::MAX_TOKEN_BYTES;
use crate::http::api::Tag;
use crate::http::fields::Fields;
use crate::http::payload::{FromJson, JsonBody};
use crate::http::problem::{FieldError, Problem};
use crate::http::tokens::{MAX_BODY, NO_STORE, TokensBody, no_tokens};

/// The resource.
pub struct RefreshApi {
    /// Where sessions are renewed.
    pub sessions: Arc<SessionBook>,
}

/// A refresh token.
#[derive(Debug, Clone, Object)]
#[oai(rename = "RefreshRequest")]
pub struct RefreshBody {
    /// The refresh token of the pair before.
    #[oai(validator(min_length = "1", max_length = "8192"))]
    pub refresh_token: String,
}

/// The refresh token that was sent.
pub struct Refresh(String);

impl FromJson for Refresh {
    type Schema = RefreshBody;

    const MAX_BYTES: usize = MAX_BODY;

    fn from_json(value: Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(value)?;
        let token = fields.needed("refresh_token", MAX_TOKEN_BYTES);
        fields.finish(Self(token.unwrap_or_default()))
    }
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum RefreshResponse {
    /// The next pair; the one before gives no more.
    #[oai(status = 200)]
    Renewed(
        Json<TokensBody>,
        /// Always `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The body is not JSON.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// It is no refresh token, it was used before, or its session has ended.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    TooSlow(Problem),
    /// The body is too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not declared as JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// There is no refresh token in the body.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

impl From<Problem> for RefreshResponse {
    fn from(problem: Problem) -> Self {
        match problem.status.as_u16() {
            401 => Self::Unauthorized(problem),
            503 => Self::Unavailable(problem),
            _ => Self::BadRequest(problem),
        }
    }
}

#[OpenApi]
impl RefreshApi {
    /// Refresh
    ///
    /// Takes a refresh token, which is good once, for the next pair. Showing one a second time ends the session.
    #[oai(
        path = "/auth/refresh",
        method = "post",
        operation_id = "refresh",
        tag = "Tag::Auth"
    )]
    async fn refresh(&self, body: JsonBody<Refresh>) -> RefreshResponse {
        let (Refresh(token), _turn) = body.into_parts();
        match self.sessions.refresh(&token).await {
            Ok(tokens) => RefreshResponse::Renewed(Json(tokens.into()), NO_STORE.to_owned()),
            Err(error) => no_tokens(&error).into(),
        }
    }
}
