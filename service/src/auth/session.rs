//! Beginning, renewing and ending sessions: a short access token, and a refresh token that is good once.
//!
//! There is no grace for an answer that was lost: whoever shows a refresh token a second time ends the session, its access
//! tokens included (RFC 9700 §4.14.2 asks for that, and a grace would give a thief the same time). So a client that lost an
//! answer logs in again, and one that renews from two places at once must let one of them wait.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::auth::AuthSettings;
use crate::auth::caller::{Caller, Scopes};
use crate::auth::gate::Refusal;
use crate::auth::mint::{MintError, TokenKind, TokenRequest, mint};
use crate::auth::verify::{TokenError, Verifier};
use crate::domain::data::sessions::{Rotation, Session, Sessions};
use crate::domain::store::StoreError;
use crate::secret::Secret;

/// What a session gives its client.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Calls the API.
    pub access: Secret,
    /// For how long it does.
    pub expires_in: Duration,
    /// Gives the next pair, once.
    pub refresh: Secret,
    /// What both may be used for.
    pub scopes: Scopes,
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// What was shown is not taken.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// They could not be signed.
    #[error(transparent)]
    Mint(#[from] MintError),
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// Begins, renews and ends sessions.
pub struct SessionBook {
    settings: AuthSettings,
    verifier: Verifier,
    sessions: Arc<dyn Sessions>,
}

impl SessionBook {
    /// A book over these sessions, whose tokens are signed as these settings say.
    #[must_use]
    pub fn new(settings: &AuthSettings, sessions: Arc<dyn Sessions>) -> Self {
        Self {
            verifier: Verifier::new(settings),
            settings: settings.clone(),
            sessions,
        }
    }

    /// Begins a session of this subject.
    ///
    /// # Errors
    /// When the database or the cryptography library refuses.
    pub async fn begin(&self, subject: &str, scopes: Scopes) -> Result<Tokens, SessionError> {
        let (now, first) = (Timestamp::now(), Uuid::new_v4());
        let session = Session {
            id: Uuid::now_v7().to_string(),
            subject: subject.to_owned(),
            scopes: scopes.names().map(str::to_owned).collect(),
            current: first.to_string(),
            created_at: now,
            expires_at: now
                .checked_add(self.settings.session_ttl)
                .unwrap_or(Timestamp::MAX),
            ended_at: None,
        };
        self.sessions.begin(&session).await?;
        self.tokens(&session, first, now)
    }

    /// Takes a refresh token for the next pair.
    ///
    /// # Errors
    /// When the token is not believed or was used before, its session has ended, or the database refuses.
    pub async fn refresh(&self, token: &str) -> Result<Tokens, SessionError> {
        let claims = self.verifier.refresh(token).map_err(Refusal::from)?;
        // Without a session it would be good any number of times.
        let session = claims.sid.ok_or(Refusal::Invalid(TokenError::Claim))?;
        let (now, next) = (Timestamp::now(), Uuid::new_v4());
        let name = next.to_string();
        match self.sessions.rotate(&session, &claims.jti, &name, now).await? {
            Rotation::Rotated(session) => self.tokens(&session, next, now),
            Rotation::Reused => {
                tracing::warn!(session, "a refresh token was used twice: its session has ended");
                Err(Refusal::Reused.into())
            }
            Rotation::Ended => Err(Refusal::SessionEnded.into()),
        }
    }

    /// Ends the session of a caller; false when there is none that could be ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end(&self, caller: &Caller) -> Result<bool, StoreError> {
        let Some(session) = &caller.session else {
            return Ok(false);
        };
        // Whoever else ended it meanwhile: it has ended.
        self.sessions.end(session, Timestamp::now()).await?;
        Ok(true)
    }

    fn tokens(&self, session: &Session, current: Uuid, now: Timestamp) -> Result<Tokens, SessionError> {
        let left = Duration::try_from(session.expires_at.duration_since(now)).unwrap_or_default();
        let expires_in = self.settings.access_ttl.min(left);
        let scopes = Scopes::named(&session.scopes);
        let sign = |kind, ttl, id| {
            let request = TokenRequest {
                kind,
                ttl,
                id,
                scopes: Some(scopes.clone()),
                session: Some(session.id.clone()),
                ..TokenRequest::access(&session.subject)
            };
            mint(&self.settings, &request).map(Secret::new)
        };
        Ok(Tokens {
            access: sign(TokenKind::Access, expires_in, Uuid::new_v4())?,
            expires_in,
            refresh: sign(TokenKind::Refresh, left, current)?,
            scopes,
        })
    }
}
