//! Making tokens: for `orchestrate token`, for tests, and for the harness's embedded mode.

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::AuthSettings;
use crate::auth::caller::Scopes;

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
    /// What it may be used for (RFC 8693 §4.2); the usual when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The session that it belongs to, if any (OpenID Connect Front-Channel Logout 1.0 §3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
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
    /// The `scope` claim; left out when none.
    pub scopes: Option<Scopes>,
    /// The `sid` claim; left out when none.
    pub session: Option<String>,
    /// The `jti` claim.
    pub id: Uuid,
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
            scopes: None,
            session: None,
            id: Uuid::new_v4(),
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
        jti: request.id.to_string(),
        kind: request.kind,
        scope: request.scopes.as_ref().map(Scopes::to_string),
        sid: request.session.clone(),
    };
    let key = EncodingKey::from_secret(settings.secret.expose().as_bytes());
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &key,
    )?)
}
