//! Making tokens: for `orchestrate token`, for tests, and for the harness's embedded mode.

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::AuthSettings;

/// What a token may be used for: the `type` claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Calls the API.
    Access,
    /// Could only be exchanged for an access token; the API refuses it (RFC 8725 §3.11).
    Refresh,
}

/// The claims of our tokens (RFC 7519 §4.1, and `type`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is meant for.
    pub aud: String,
    /// Who calls.
    pub sub: String,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// When it stops being good, in seconds since the epoch.
    pub exp: i64,
    /// Names this one token.
    pub jti: String,
    /// What it may be used for.
    #[serde(rename = "type")]
    pub kind: TokenKind,
}

/// Which token is wanted.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The `sub` claim.
    pub subject: String,
    /// The `type` claim.
    pub kind: TokenKind,
    /// From issue to expiry.
    pub ttl: Duration,
    /// How long ago it was issued; more than `ttl` makes an expired token.
    pub age: Duration,
}

impl TokenRequest {
    /// An access token that is good for an hour from now.
    #[must_use]
    pub fn access(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            kind: TokenKind::Access,
            ttl: Duration::from_secs(3600),
            age: Duration::ZERO,
        }
    }

    /// The same token, issued so long ago that it expired an hour before now.
    #[must_use]
    pub fn expired(self) -> Self {
        Self {
            age: self.ttl.saturating_add(Duration::from_secs(3600)),
            ..self
        }
    }

    /// The same token as a refresh token.
    #[must_use]
    pub fn refresh(self) -> Self {
        Self {
            kind: TokenKind::Refresh,
            ..self
        }
    }
}

/// Why no token could be made.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed: {0}")]
pub struct MintError(#[from] jsonwebtoken::errors::Error);

/// Signs a token as these settings will accept it, unless it asks to be expired or a refresh token.
///
/// # Errors
/// When the cryptography library refuses to sign.
pub fn mint(settings: &AuthSettings, request: &TokenRequest) -> Result<String, MintError> {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let issued = Timestamp::now().as_second().saturating_sub(seconds(request.age));
    let claims = Claims {
        iss: settings.issuer.clone(),
        aud: settings.audience.clone(),
        sub: request.subject.clone(),
        iat: issued,
        exp: issued.saturating_add(seconds(request.ttl)),
        jti: Uuid::new_v4().to_string(),
        kind: request.kind,
    };
    let key = EncodingKey::from_secret(settings.secret.expose().as_bytes());
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &key,
    )?)
}
