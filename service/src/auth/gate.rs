//! Who is let in: the one decision that stands before every protected operation.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::auth::caller::Caller;
use crate::auth::key::KeyError;
use crate::auth::verify::{TokenError, Verifier};
use crate::domain::store::StoreError;

/// What a request shows to be let in.
#[derive(Clone, Copy, Default)]
pub struct Presented<'r> {
    /// A bearer token (RFC 6750 §2.1). When there is one it alone decides.
    pub bearer: Option<&'r str>,
    /// An API key.
    pub api_key: Option<&'r str>,
}

/// Lets callers in by what they show.
pub trait Gate: Send + Sync {
    /// Lets a caller in, or says why not.
    ///
    /// # Errors
    /// When nothing is shown, or nothing that is believed.
    fn admit<'a>(&'a self, shown: Presented<'a>) -> BoxFuture<'a, Result<Caller, Refusal>>;
}

/// Why a caller was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing at all. The sentence is the wire contract's.
    #[error("Missing authorization token")]
    Missing,
    /// A token that is not believed.
    #[error("Invalid token: {0}")]
    Invalid(#[from] TokenError),
    /// An API key that is not taken.
    #[error("Invalid API key: {0}")]
    Key(#[from] KeyError),
    /// A token of a session that was ended.
    #[error("Invalid token: its session has ended")]
    SessionEnded,
    /// A refresh token that was good once: somebody has a copy of it, and its session has ended with this (RFC 9700 §4.14.2).
    #[error("Invalid token: it was used before, so its session has ended")]
    Reused,
    /// The keys of the token's issuer cannot be had now. Waiting may mend it.
    #[error("credentials cannot be checked now: the issuer's keys cannot be had")]
    KeysAway,
    /// Whether it is good cannot be said now: the database is needed for that. Waiting may mend it.
    #[error("credentials cannot be checked now: {0}")]
    Unavailable(#[from] StoreError),
}

impl Refusal {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Invalid(TokenError::Expired) => "token_expired",
            Self::Invalid(_) => "token_invalid",
            Self::Key(KeyError::Unknown) => "api_key_invalid",
            Self::Key(KeyError::Revoked) => "api_key_revoked",
            Self::Key(KeyError::Expired) => "api_key_expired",
            Self::SessionEnded => "session_ended",
            Self::Reused => "refresh_token_reused",
            Self::KeysAway => "issuer_unavailable",
            Self::Unavailable(_) => "database_unavailable",
        }
    }
}

impl Gate for Verifier {
    fn admit<'a>(&'a self, shown: Presented<'a>) -> BoxFuture<'a, Result<Caller, Refusal>> {
        async move { Ok(self.verify(shown.bearer.ok_or(Refusal::Missing)?)?) }.boxed()
    }
}
