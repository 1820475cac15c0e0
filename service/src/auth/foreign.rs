//! Tokens of another issuer, verified with the keys that it publishes.
//!
//! The keys come from the one place that is configured: what a token says of keys in its header (`jku`, `jwk`, `x5u`, `x5c`) is
//! never looked at, and its `alg` must be one that the key of its `kid` is for (RFC 8725 §3.1, §3.10).

use std::time::Duration;

use jsonwebtoken::Validation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::caller::{Caller, CredentialId, Scopes, subject_of};
use crate::auth::gate::Refusal;
use crate::auth::jwks::{NoKey, PUBLISHED};
use crate::auth::keyring::{KeyRing, RingError};
use crate::auth::verify::{MAX_TOKEN_BYTES, TokenError, explain};

/// Believes the tokens of one issuer for one audience.
pub struct Foreign {
    ring: KeyRing,
    issuer: String,
    audience: String,
    leeway: Duration,
}

/// What we read of a foreign access token, beside what every token has.
#[derive(Deserialize)]
struct AccessClaims {
    sub: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    scope: Option<Value>,
}

impl Foreign {
    /// Tokens with this `iss` and with this audience among their `aud`, signed with a key of the ring.
    #[must_use]
    pub fn new(ring: KeyRing, issuer: &str, audience: &str, leeway: Duration) -> Self {
        Self {
            ring,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            leeway,
        }
    }

    /// The claims of a token that is good now.
    ///
    /// # Errors
    /// Says why the token is not believed, or that the keys cannot be had.
    pub async fn claims<T: DeserializeOwned>(&self, token: &str) -> Result<T, Refusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong.into());
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| explain(error.kind()))?;
        if !PUBLISHED.contains(&header.alg) {
            return Err(TokenError::OtherAlgorithm.into());
        }
        if header.crit.is_some() {
            // It demands that something is understood which we do not know (RFC 7515 §4.1.11).
            return Err(TokenError::Malformed.into());
        }
        let found = self.ring.find(header.kid.as_deref(), header.alg).await;
        let public = found.map_err(|error| match error {
            RingError::No(NoKey::Unknown) => TokenError::UnknownKey.into(),
            RingError::No(NoKey::OtherAlgorithm) => TokenError::OtherAlgorithm.into(),
            RingError::Away => Refusal::KeysAway,
        })?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = self.leeway.as_secs();
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let decoded = jsonwebtoken::decode::<T>(token, &public.key, &validation);
        Ok(decoded.map_err(|error| explain(error.kind()))?.claims)
    }

    /// The caller of an access token that is good now. Its `sid`, if any, is a session of the issuer's and none of ours.
    ///
    /// # Errors
    /// Says why the token is not believed, or that the keys cannot be had.
    pub async fn caller(&self, token: &str) -> Result<Caller, Refusal> {
        let claims: AccessClaims = self.claims(token).await?;
        if claims.kind.is_some_and(|kind| kind != "access") {
            return Err(TokenError::Kind.into());
        }
        let scopes = match claims.scope {
            None => Scopes::usual(),
            Some(Value::String(names)) => Scopes::parse(&names),
            // Some issuers send a list.
            Some(Value::Array(names)) => Scopes::of(
                names
                    .iter()
                    .filter_map(Value::as_str)
                    .filter_map(|name| name.parse().ok()),
            ),
            Some(_) => return Err(TokenError::Claim.into()),
        };
        let subject = subject_of(&self.issuer, &claims.sub);
        Ok(Caller {
            credential: CredentialId::of_subject(&subject),
            subject,
            scopes,
            session: None,
        })
    }
}
