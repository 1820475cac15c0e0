//! The tokens of a session as answers say them (RFC 6749 §5.1), and the answers when there are none.

use std::time::Duration;

use poem::http::StatusCode;
use poem::http::header::CACHE_CONTROL;
use poem_openapi::Object;

use crate::auth::session::{SessionError, Tokens};
use crate::http::credential::challenge;
use crate::http::problem::Problem;

/// What keeps an answer out of every cache (RFC 6749 §5.1, RFC 9111 §5.2.2.5).
pub const NO_STORE: &str = "no-store";

/// The most bytes of a body that holds a token or a code.
pub const MAX_BODY: usize = 64 * 1024;

/// The tokens of a session. Keep them out of addresses, logs and storage that other pages can read.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Tokens")]
pub struct TokensBody {
    /// Calls the API, as a bearer token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: u64,
    /// Gives the next pair, once. Showing it a second time ends the session.
    pub refresh_token: String,
    /// What they may be used for, names with spaces between.
    pub scope: String,
}

impl From<Tokens> for TokensBody {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access.expose().to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: tokens.expires_in.as_secs(),
            refresh_token: tokens.refresh.expose().to_owned(),
            scope: tokens.scopes.to_string(),
        }
    }
}

/// The answer when a session gives no tokens.
#[must_use]
pub fn no_tokens(error: &SessionError) -> Problem {
    let problem = match error {
        SessionError::Refused(refusal) => challenge(*refusal),
        SessionError::Mint(error) => {
            tracing::error!(%error, "a token could not be signed");
            let detail = "No token can be made now. Try again.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "signing_unavailable", detail)
                .with_retry_after(Some(Duration::from_secs(5)))
        }
    };
    problem.with_header(CACHE_CONTROL, NO_STORE)
}
