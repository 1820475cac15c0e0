//! `Idempotency-Key`: a request that is sent again because its answer was lost is not done, and not paid for, again
//! (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! A key belongs to a credential and an operation. Kept is what a repetition would say again: a success, or a refusal that is the
//! caller's to mend. What failed for a reason of ours may be tried again under the same key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use poem::http::{HeaderMap, StatusCode};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::auth::caller::CredentialId;
use crate::domain::data::replays::{Begun, Replays, Slot, StoredAnswer};
use crate::http::problem::Problem;

/// The header that holds a key.
pub const HEADER: &str = "Idempotency-Key";

/// The header that says of an answer that it was given before.
pub const REPLAYED: &str = "Idempotency-Replayed";

/// The longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// For how long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How often another instance's work is looked at. Only the database knows of it, and it tells nobody.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What has answered, and is answering, under keys.
#[derive(Clone)]
pub struct Idempotency {
    replays: Arc<dyn Replays>,
    /// The requests that are being worked on here; each tells those who wait when it is over.
    here: Arc<Mutex<HashMap<Slot, watch::Receiver<()>>>>,
    /// How long a repetition waits for its twin.
    patience: Duration,
    /// After which work that never ended is taken for dead.
    lease: SignedDuration,
}

/// What is to be done with a request that carries a key.
pub enum Entry {
    /// It is worked on, and its answer kept.
    Ours(Turn),
    /// It was answered so before.
    Again(StoredAnswer),
}

impl Idempotency {
    /// Keeps answers there. No work takes longer than `work`.
    #[must_use]
    pub fn new(replays: Arc<dyn Replays>, work: Duration) -> Self {
        let lease = SignedDuration::try_from(work.saturating_mul(2)).unwrap_or(KEPT);
        Self {
            replays,
            here: Arc::default(),
            patience: work,
            lease: lease.min(KEPT),
        }
    }

    /// Begins a request whose body has this fingerprint; a repetition of one that is being worked on waits for it.
    ///
    /// # Errors
    /// 422 when the key was used for another body, 409 when its twin takes too long, 503 when nobody can tell.
    pub async fn enter(&self, slot: Slot, fingerprint: &str) -> Result<Entry, Problem> {
        let until = Instant::now() + self.patience;
        loop {
            let now = Timestamp::now();
            let later = |span| now.checked_add(span).unwrap_or(Timestamp::MAX);
            let leased = later(self.lease);
            let begun = self.replays.begin(&slot, fingerprint, now, leased, later(KEPT));
            match begun.await.map_err(Problem::from)? {
                Begun::Ours => return Ok(Entry::Ours(self.turn(slot, leased))),
                Begun::Done(answer) => return Ok(Entry::Again(answer)),
                Begun::OtherBody => return Err(other_body()),
                Begun::Running => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(in_use());
            }
            self.wait(&slot, left).await;
        }
    }

    /// Waits until the twin is done, or it is time to look again.
    async fn wait(&self, slot: &Slot, left: Duration) {
        let twin = self.here(|here| here.get(slot).cloned());
        match twin {
            // An error means that the twin is over, too.
            Some(mut twin) => drop(timeout(left, twin.changed()).await),
            None => tokio::time::sleep(LOOK_EVERY.min(left)).await,
        }
    }

    fn here<T>(&self, with: impl FnOnce(&mut HashMap<Slot, watch::Receiver<()>>) -> T) -> T {
        with(&mut self.here.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn turn(&self, slot: Slot, leased: Timestamp) -> Turn {
        let (over, waits) = watch::channel(());
        self.here(|here| here.insert(slot.clone(), waits));
        Turn {
            of: self.clone(),
            slot: Some(slot),
            leased,
            over,
        }
    }
}

/// The right, and the duty, to do a request. Dropped before it is done, it leaves the key as if nothing had been.
pub struct Turn {
    of: Idempotency,
    slot: Option<Slot>,
    /// Until when it is ours alone; it tells this turn from a later one.
    leased: Timestamp,
    over: watch::Sender<()>,
}

impl Turn {
    /// Keeps the answer, and lets whoever waits have it. An answer that cannot be kept is still an answer: the work is done.
    pub async fn keep(mut self, answer: &StoredAnswer) {
        if let Some(slot) = self.slot.take() {
            if let Err(error) = self.of.replays.finish(&slot, self.leased, answer).await {
                tracing::error!(why = error.word(), "an answer could not be kept under its key");
            }
            self.end(&slot);
        }
    }

    /// Leaves the key as if nothing had been.
    pub async fn release(mut self) {
        if let Some(slot) = self.slot.take() {
            self.of.release(&slot, self.leased).await;
            self.end(&slot);
        }
    }

    fn end(&self, slot: &Slot) {
        self.of.here(|here| here.remove(slot));
        self.over.send_replace(());
    }
}

impl Idempotency {
    async fn release(&self, slot: &Slot, leased: Timestamp) {
        if let Err(error) = self.replays.release(slot, leased).await {
            tracing::error!(
                why = error.word(),
                "a key could not be freed: it is when its lease ends"
            );
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        self.end(&slot);
        let (of, leased) = (self.of.clone(), self.leased);
        // A panic came this way. Without a runtime the process ends, and the lease with time.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { of.release(&slot, leased).await });
        }
    }
}

/// The key of a request. The framework takes one that is no text for none at all, and the first of two for the one that was
/// meant: such a request would be done, and paid for, each time that it is sent.
///
/// # Errors
/// 400 when it is no key, or there are two.
pub fn sent(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut sent = headers.get_all(HEADER).iter();
    match (sent.next(), sent.next()) {
        (None, _) => Ok(None),
        (Some(key), None) => key.to_str().map(Some).map_err(|_| no_key()),
        (Some(_), Some(_)) => Err(no_key()),
    }
}

fn no_key() -> Problem {
    let detail =
        format!("{HEADER} has 1 to {LONGEST_KEY} visible ASCII characters, such as those of a fresh UUID.");
    Problem::bad_request("idempotency_key_invalid", detail)
}

/// The slot of a key that a client sent.
///
/// # Errors
/// 400 when it is no key.
pub fn slot(credential: &CredentialId, operation: &str, key: &str) -> Result<Slot, Problem> {
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(no_key());
    }
    Ok(Slot {
        credential: credential.as_str().to_owned(),
        operation: operation.to_owned(),
        key: key.to_owned(),
    })
}

fn other_body() -> Problem {
    let detail = format!("This {HEADER} was used for another body. Send a fresh key with a new request.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
}

pub(super) fn in_use() -> Problem {
    let detail = format!("The request with this {HEADER} is still being worked on.");
    Problem::new(StatusCode::CONFLICT, "idempotency_key_in_use", detail)
        .with_retry_after(Some(Duration::from_secs(5)))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::domain::store::StoreError;

    /// Notes when a slot was begun, until when it is leased, and when it expires.
    #[derive(Default)]
    struct Notes(Mutex<Vec<[Timestamp; 3]>>);

    impl Replays for Notes {
        fn begin<'a>(
            &'a self,
            _: &'a Slot,
            _: &'a str,
            now: Timestamp,
            leased: Timestamp,
            expires: Timestamp,
        ) -> BoxFuture<'a, Result<Begun, StoreError>> {
            self.0.lock().unwrap().push([now, leased, expires]);
            async { Ok(Begun::Ours) }.boxed()
        }

        fn finish<'a>(
            &'a self,
            _: &'a Slot,
            _: Timestamp,
            _: &'a StoredAnswer,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            async { Ok(()) }.boxed()
        }

        fn release<'a>(&'a self, _: &'a Slot, _: Timestamp) -> BoxFuture<'a, Result<(), StoreError>> {
            async { Ok(()) }.boxed()
        }
    }

    #[tokio::test]
    async fn a_key_is_kept_for_a_day_and_outlives_its_work() {
        let notes = Arc::new(Notes::default());
        let work = Duration::from_secs(70);
        let keys = Idempotency::new(notes.clone(), work);
        let slot = Slot {
            credential: "c".to_owned(),
            operation: "orchestrate".to_owned(),
            key: "k".to_owned(),
        };
        let Ok(Entry::Ours(turn)) = keys.enter(slot, "body").await else {
            panic!("it was free");
        };
        turn.release().await;
        let [now, leased, expires] = notes.0.lock().unwrap()[0];
        assert_eq!(expires.duration_since(now), SignedDuration::from_hours(24));
        assert!(leased.duration_since(now) > SignedDuration::try_from(work).unwrap());
    }
}
