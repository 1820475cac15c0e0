//! Who calls: bearer tokens, as JSON Web Tokens (RFC 7519), and API keys.
//!
//! Our own tokens are signed with HS256; those of another issuer, when one is configured, with a key that it publishes. Knows nothing of HTTP headers: `crate::http::credential` reads them and words the challenge.

use std::time::Duration;

use url::Url;

use crate::secret::Secret;

pub mod caller;
pub mod doorman;
pub mod foreign;
pub mod gate;
pub mod jwks;
pub mod key;
pub mod keyring;
pub mod mint;
pub mod session;
pub mod verify;

/// The secret of `serve --dev`. It is public, so a production configuration refuses it.
pub const DEVELOPMENT_SECRET: &str = "orchestrate-development-secret-that-everybody-knows";

/// The issuer (`iss`) when nobody configured another.
pub const DEFAULT_ISSUER: &str = "orchestrate";

/// The audience (`aud`) when nobody configured another.
pub const DEFAULT_AUDIENCE: &str = "orchestrate-api";

/// The shortest signing secret that is accepted, in bytes: RFC 7518 §3.2 asks HS256 for 256 bits.
pub const MIN_SECRET_BYTES: usize = 32;

/// What a token must be signed with and say.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    /// The HS256 key, at least [`MIN_SECRET_BYTES`] long.
    pub secret: Secret,
    /// The only issuer that is believed.
    pub issuer: String,
    /// The audience that must be among the token's.
    pub audience: String,
    /// How far clocks may disagree about `exp` and `nbf`. Thirty seconds by default.
    pub leeway: Duration,
    /// For how long an access token of a session is good. A quarter of an hour by default.
    pub access_ttl: Duration,
    /// For how long a session goes on at most, however often it is refreshed. Thirty days by default.
    pub session_ttl: Duration,
    /// Another issuer that is believed too, if any.
    pub foreign: Option<ForeignIssuer>,
}

/// An issuer whose tokens are believed because it publishes the keys that they are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignIssuer {
    /// Where its keys are (RFC 7517 §5). No token can name another place.
    pub jwks_url: Url,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The audience that must be among its tokens'.
    pub audience: String,
}

impl AuthSettings {
    /// Settings with this secret and the default issuer, audience and leeway.
    #[must_use]
    pub fn with_secret(secret: Secret) -> Self {
        Self {
            secret,
            issuer: DEFAULT_ISSUER.to_owned(),
            audience: DEFAULT_AUDIENCE.to_owned(),
            leeway: Duration::from_secs(30),
            access_ttl: Duration::from_secs(15 * 60),
            session_ttl: Duration::from_secs(30 * 24 * 3600),
            foreign: None,
        }
    }

    /// The settings of `serve --dev`, which `orchestrate token` shares.
    #[must_use]
    pub fn development() -> Self {
        Self::with_secret(Secret::new(DEVELOPMENT_SECRET))
    }

    /// Whether the secret is the one that everybody knows.
    #[must_use]
    pub fn is_development(&self) -> bool {
        self.secret.expose() == DEVELOPMENT_SECRET
    }
}
