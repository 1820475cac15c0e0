//! Believing a token, or saying why not.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::auth::AuthSettings;
use crate::auth::caller::{Caller, CredentialId, Scopes};
use crate::auth::mint::{Claims, TokenKind};

/// The longest token that is looked at, in bytes. Ours have about 350.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Why a token was not believed. The sentences are shown to the caller, and hold nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not three base64url parts holding JSON.
    #[error("the token is malformed")]
    Malformed,
    /// Signed with another algorithm, or with none (RFC 8725 §3.1).
    #[error("the token is not signed with HS256")]
    Algorithm,
    /// Signed with another key, or changed afterwards.
    #[error("the signature does not match")]
    Signature,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is still to come.
    #[error("the token is not valid yet")]
    NotYet,
    /// `iss` is not ours.
    #[error("the token was issued by somebody else")]
    Issuer,
    /// `aud` does not name us.
    #[error("the token was issued for somebody else")]
    Audience,
    /// A claim that we need is missing or of the wrong type.
    #[error("the token lacks a claim that is needed")]
    Claim,
    /// `type` is not `access`.
    #[error("the token is not an access token")]
    Kind,
    /// `type` is not `refresh`, where a refresh token is asked for.
    #[error("the token is not a refresh token")]
    NotRefresh,
    /// Signed with another algorithm than its key is for (RFC 8725 §3.1).
    #[error("the token is signed with another algorithm than its key is for")]
    OtherAlgorithm,
    /// Signed with a key that its issuer does not publish.
    #[error("the token is signed with a key that its issuer does not publish")]
    UnknownKey,
}

/// Checks tokens against one set of [`AuthSettings`].
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    /// A verifier for these settings.
    #[must_use]
    pub fn new(settings: &AuthSettings) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = settings.leeway.as_secs();
        validation.validate_nbf = true;
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self {
            key: DecodingKey::from_secret(settings.secret.expose().as_bytes()),
            validation,
        }
    }

    /// Believes an access token that is ours, whole, and good now. Whether its session goes on is the
    /// [`Doorman`](crate::auth::doorman::Doorman)'s to ask.
    ///
    /// # Errors
    /// Says why the token is not believed.
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let claims = self.claims(token)?;
        match claims.kind {
            TokenKind::Access => Ok(Caller {
                credential: CredentialId::of_subject(&claims.sub),
                scopes: claims.scope.as_deref().map_or_else(Scopes::usual, Scopes::parse),
                session: claims.sid,
                subject: claims.sub,
            }),
            TokenKind::Refresh => Err(TokenError::Kind),
        }
    }

    /// Believes a refresh token that is ours, whole, and not expired, and gives its claims.
    ///
    /// # Errors
    /// Says why the token is not believed.
    pub fn refresh(&self, token: &str) -> Result<Claims, TokenError> {
        let claims = self.claims(token)?;
        match claims.kind {
            TokenKind::Refresh => Ok(claims),
            TokenKind::Access => Err(TokenError::NotRefresh),
        }
    }

    fn claims(&self, token: &str) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let decoded = jsonwebtoken::decode(token, &self.key, &self.validation);
        Ok(decoded.map_err(|error| explain(error.kind()))?.claims)
    }
}

/// What the library found wrong, in our words.
pub(crate) fn explain(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => {
            TokenError::Algorithm
        }
        ErrorKind::ExpiredSignature => TokenError::Expired,
        ErrorKind::ImmatureSignature => TokenError::NotYet,
        ErrorKind::InvalidIssuer => TokenError::Issuer,
        ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) | ErrorKind::InvalidSubject => {
            TokenError::Claim
        }
        _ => TokenError::Malformed,
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
