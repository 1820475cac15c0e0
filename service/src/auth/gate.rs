//! Who is let in: the one decision that stands before every protected operation.

use crate::auth::verify::{Caller, TokenError, Verifier};

/// Lets callers in by their bearer token.
pub trait Gate: Send + Sync {
    /// Lets a caller in, or says why not.
    ///
    /// # Errors
    /// When there is no token, or one that is not believed.
    fn admit(&self, token: Option<&str>) -> Result<Caller, Refusal>;
}

/// Why a caller was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No token at all. The sentence is the wire contract's.
    #[error("Missing authorization token")]
    Missing,
    /// A token that is not believed.
    #[error("Invalid token: {0}")]
    Invalid(#[from] TokenError),
}

impl Refusal {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Invalid(TokenError::Expired) => "token_expired",
            Self::Invalid(_) => "token_invalid",
        }
    }
}

impl Gate for Verifier {
    fn admit(&self, token: Option<&str>) -> Result<Caller, Refusal> {
        Ok(self.verify(token.ok_or(Refusal::Missing)?)?)
    }
}
