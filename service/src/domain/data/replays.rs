//! Requests that carry an `Idempotency-Key`: done once, and answered as often as they are sent
//! (draft-ietf-httpapi-idempotency-key-header).

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::store::StoreError;

/// Which request it is: a key means nothing to another credential, or for another operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slot {
    /// A name of the credential that tells it from all others, and does not give it away.
    pub credential: String,
    /// The operation.
    pub operation: String,
    /// The key, as the client sent it.
    pub key: String,
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Its status: a 2xx or a 4xx.
    pub status: u16,
    /// The headers that belong to the answer itself, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// What is known of a request that is about to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is the caller's to do, and nobody else will until the lease ends. What comes of it is kept under this id: the one that
    /// was offered, or the one of an earlier attempt of the same body that came to nothing, or that nobody heard the end of.
    Ours(String),
    /// Somebody is at it.
    Running,
    /// It was done, and this was the answer.
    Done(StoredAnswer),
    /// The key was used for another body.
    OtherBody,
}

/// Keeps answers, each for as long as its slot lives.
pub trait Replays: Send + Sync {
    /// Begins a request whose body has this fingerprint. A slot lives until `expires` and is free again afterwards; one whose
    /// work was begun and never ended is free once the lease that was given with it, `leased`, is over. Of any number that begin
    /// at once exactly one is told [`Begun::Ours`], with `work` unless there was an attempt before. Clears away what has expired.
    fn begin<'a>(
        &'a self,
        slot: &'a Slot,
        fingerprint: &'a str,
        work: &'a str,
        now: Timestamp,
        leased: Timestamp,
        expires: Timestamp,
    ) -> BoxFuture<'a, Result<Begun, StoreError>>;

    /// Keeps the answer of a request that was begun with this lease. Without effect when the lease ended and somebody else has
    /// begun since: what is told of the slot is theirs.
    fn finish<'a>(
        &'a self,
        slot: &'a Slot,
        leased: Timestamp,
        answer: &'a StoredAnswer,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Frees the slot of a request that was begun with this lease and came to nothing, as far as is known: the same body is told
    /// the same id the next time. Without effect when somebody else has begun since.
    fn release<'a>(&'a self, slot: &'a Slot, leased: Timestamp) -> BoxFuture<'a, Result<(), StoreError>>;
}
