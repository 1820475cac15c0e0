//! The keys of an issuer, fetched when they are needed and kept for a while.
//!
//! - A token that names an unknown key has the set fetched again, so that a rotation needs no restart; but never sooner than
//!   [`KeyPolicy::pause`] after the fetch before, so that a flood of invented names is no flood of fetches.
//! - Of any number that wait for one fetch, one fetches. It goes on when that caller hangs up, so that nobody can keep new
//!   keys away by asking and leaving.
//! - A set that is no longer fresh is fetched again; while that fails, the old one is used, up to [`KeyPolicy::stale`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jsonwebtoken::Algorithm;

use crate::auth::jwks::{KeySet, NoKey, PublicKey};

/// Why a set of keys could not be fetched, in one word for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer's keys cannot be fetched: {0}")]
pub struct FetchError(pub &'static str);

/// Fetches the text of a key set, within bounds of its own for time and size. Called once at a time.
pub trait KeySource: Send + Sync {
    /// Fetches it.
    ///
    /// # Errors
    /// When it cannot be had now.
    fn fetch(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchError>>;
}

/// For how long keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPolicy {
    /// For this long they are used without a question. Five minutes by default.
    pub fresh: Duration,
    /// For this long they are used while new ones cannot be had. An hour by default.
    pub stale: Duration,
    /// Between the beginnings of two fetches. Ten seconds by default.
    pub pause: Duration,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(300),
            stale: Duration::from_secs(3600),
            pause: Duration::from_secs(10),
        }
    }
}

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RingError {
    /// The issuer publishes none.
    No(NoKey),
    /// What the issuer publishes cannot be had now.
    Away,
}

#[derive(Default)]
struct Kept {
    set: Option<(Arc<KeySet>, Instant)>,
    tried: Option<Instant>,
}

/// The keys of one issuer.
pub struct KeyRing {
    source: Arc<dyn KeySource>,
    policy: KeyPolicy,
    kept: Arc<Mutex<Kept>>,
    fetching: Arc<tokio::sync::Mutex<()>>,
}

impl KeyRing {
    /// A ring without keys, which come from this source. Fetches nothing yet.
    #[must_use]
    pub fn new(source: Arc<dyn KeySource>, policy: KeyPolicy) -> Self {
        Self {
            source,
            policy,
            kept: Arc::default(),
            fetching: Arc::default(),
        }
    }

    /// The key for a token that names this key and algorithm.
    ///
    /// # Errors
    /// When the issuer publishes none, or its keys cannot be had.
    pub async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<PublicKey, RingError> {
        if let Some(key) = self.look(self.policy.fresh, id, algorithm)? {
            return Ok(key);
        }
        // Old keys need not wait for whoever fetches new ones.
        if let Ok(Some(key)) = self.look(self.policy.stale, id, algorithm)
            && (self.fetching.try_lock().is_err() || !self.may_fetch())
        {
            return Ok(key);
        }
        self.fetch(id, algorithm).await;
        match self.look(self.policy.stale, id, algorithm)? {
            Some(key) => Ok(key),
            None if self.is_fresh() => Err(RingError::No(NoKey::Unknown)),
            // It may be one of the new keys that cannot be had.
            None => Err(RingError::Away),
        }
    }

    /// The key, among those that were fetched at most so long ago; none when another fetch may bring it.
    fn look(
        &self,
        age: Duration,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<PublicKey>, RingError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((set, fetched)) = &kept.set else {
            return Ok(None);
        };
        if fetched.elapsed() >= age {
            return Ok(None);
        }
        match set.find(id, algorithm) {
            Ok(key) => Ok(Some(key.clone())),
            Err(NoKey::Unknown) => Ok(None),
            Err(other) => Err(RingError::No(other)),
        }
    }

    fn is_fresh(&self) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let fetched = kept.set.as_ref().map(|(_, fetched)| fetched);
        fetched.is_some_and(|fetched| fetched.elapsed() < self.policy.fresh)
    }

    fn may_fetch(&self) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.tried
            .is_none_or(|tried| tried.elapsed() >= self.policy.pause)
    }

    /// Fetches the set, unless somebody did while this waited for its turn, or not long ago.
    async fn fetch(&self, id: Option<&str>, algorithm: Algorithm) {
        let turn = self.fetching.clone().lock_owned().await;
        if matches!(self.look(self.policy.fresh, id, algorithm), Ok(Some(_))) || !self.may_fetch() {
            return;
        }
        let (source, kept) = (self.source.clone(), self.kept.clone());
        let fetch = tokio::spawn(async move {
            let _turn = turn;
            let lock = || kept.lock().unwrap_or_else(PoisonError::into_inner);
            lock().tried = Some(Instant::now());
            let fetched = source.fetch().await;
            match fetched.and_then(|text| KeySet::read(&text).ok_or(FetchError("no key set"))) {
                Ok(set) => lock().set = Some((Arc::new(set), Instant::now())),
                Err(error) => tracing::warn!(%error, "an issuer's keys are those of before"),
            }
        });
        // It cannot be cancelled by us, and what a panic of it leaves is the keys of before.
        let _ = fetch.await;
    }
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
