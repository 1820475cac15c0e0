//! The gate of the service: bearer tokens of ours and of another issuer, and API keys.
//!
//! A bearer token alone decides when there is one: a caller who shows a bad token and a good key is told of the token, and
//! never let in by something that was not meant. Nothing is remembered between requests: a key that was made works at once, and
//! a key that was revoked or a session that was ended is refused at once, by every instance. The database is asked for those
//! two only, so tokens without a session are good while it is away.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::auth::AuthSettings;
use crate::auth::caller::Caller;
use crate::auth::foreign::Foreign;
use crate::auth::gate::{Gate, Presented, Refusal};
use crate::auth::jwks::PUBLISHED;
use crate::auth::key::{self, KeyError};
use crate::auth::keyring::{KeyPolicy, KeyRing, KeySource};
use crate::auth::verify::{MAX_TOKEN_BYTES, Verifier};
use crate::domain::data::keys::{KeyRecord, Keys};
use crate::domain::data::sessions::Sessions;

/// How many uses of keys may be noted at once. What is not noted now is noted with the next use.
const NOTES: usize = 4;

/// The gate.
pub struct Doorman {
    own: Verifier,
    foreign: Option<Foreign>,
    keys: Arc<dyn Keys>,
    sessions: Arc<dyn Sessions>,
    notes: Arc<Semaphore>,
}

impl Doorman {
    /// A gate with these settings. Tokens of another issuer are believed when the settings name one and there is a source of
    /// its keys.
    #[must_use]
    pub fn new(
        settings: &AuthSettings,
        source: Option<Arc<dyn KeySource>>,
        keys: Arc<dyn Keys>,
        sessions: Arc<dyn Sessions>,
    ) -> Self {
        let foreign = settings.foreign.as_ref().zip(source);
        let foreign = foreign.map(|(foreign, source)| {
            let ring = KeyRing::new(source, KeyPolicy::default());
            Foreign::new(ring, &foreign.issuer, &foreign.audience, settings.leeway)
        });
        Self {
            own: Verifier::new(settings),
            foreign,
            keys,
            sessions,
            notes: Arc::new(Semaphore::new(NOTES)),
        }
    }

    async fn token(&self, token: &str) -> Result<Caller, Refusal> {
        if let Some(foreign) = &self.foreign
            && is_published(token)
        {
            return foreign.caller(token).await;
        }
        let caller = self.own.verify(token)?;
        if let Some(session) = &caller.session
            && !self.sessions.goes_on(session, Timestamp::now()).await?
        {
            return Err(Refusal::SessionEnded);
        }
        Ok(caller)
    }

    async fn key(&self, shown: &str) -> Result<Caller, Refusal> {
        if !key::could_be(shown) {
            return Err(KeyError::Unknown.into());
        }
        let kept = self.keys.by_hash(&key::fingerprint(shown)).await?;
        let kept = kept.ok_or(KeyError::Unknown)?;
        let now = Timestamp::now();
        let caller = key::judge(&kept, now)?;
        self.note(kept, now);
        Ok(caller)
    }

    /// Notes a use beside the answer, which neither waits for it nor fails with it.
    fn note(&self, kept: KeyRecord, now: Timestamp) {
        let minute = key::minute(now);
        if kept.last_used_at.is_some_and(|last| last >= minute) {
            return;
        }
        let Ok(turn) = self.notes.clone().try_acquire_owned() else {
            return;
        };
        let keys = self.keys.clone();
        tokio::spawn(async move {
            let _turn = turn;
            if let Err(error) = keys.used(&kept.id, minute).await {
                tracing::warn!(why = error.word(), "the use of an API key was not noted");
            }
        });
    }
}

/// Whether a token says that it is signed with a key that somebody publishes. A token cannot gain by what it says here: either
/// way it is verified with a key that is fixed to its algorithm.
fn is_published(token: &str) -> bool {
    token.len() <= MAX_TOKEN_BYTES
        && jsonwebtoken::decode_header(token).is_ok_and(|header| PUBLISHED.contains(&header.alg))
}

impl Gate for Doorman {
    fn admit<'a>(&'a self, shown: Presented<'a>) -> BoxFuture<'a, Result<Caller, Refusal>> {
        async move {
            match (shown.bearer, shown.api_key) {
                (Some(token), _) => self.token(token).await,
                (None, Some(key)) => self.key(key).await,
                (None, None) => Err(Refusal::Missing),
            }
        }
        .boxed()
    }
}
