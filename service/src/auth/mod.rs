//! Who calls: bearer tokens, as JSON Web Tokens (RFC 7519) signed with HS256, and API keys.
//!
//! Knows nothing of HTTP headers: `crate::http::credential` reads them and words the challenge.

use std::time::Duration;

use crate::secret::Secret;

pub mod caller;
pub mod gate;
pub mod key;
pub mod mint;
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
