//! API keys, as far as they are kept: never the key, only what a key that is shown can be compared with.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::store::StoreError;

/// An API key without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Our name for it, a UUID.
    pub id: String,
    /// What its owner calls it. Two keys may share a name.
    pub name: String,
    /// On whose behalf it calls.
    pub subject: String,
    /// The SHA-256 of the key, in lower-case hexadecimal. A key is 256 random bits, so nothing slower is needed.
    pub hash: String,
    /// Its first letters, by which a person recognises it.
    pub prefix: String,
    /// What it may be used for, each once.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being good, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Keeps API keys.
pub trait Keys: Send + Sync {
    /// Keeps one.
    fn add<'a>(&'a self, key: &'a KeyRecord) -> BoxFuture<'a, Result<(), StoreError>>;

    /// The key with this hash, whatever has become of it.
    fn by_hash<'a>(&'a self, hash: &'a str) -> BoxFuture<'a, Result<Option<KeyRecord>, StoreError>>;

    /// All of them, oldest first.
    fn all(&self) -> BoxFuture<'_, Result<Vec<KeyRecord>, StoreError>>;

    /// Revokes the key with this id, and says whether there was one that was not revoked yet.
    fn revoke<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Notes that the key with this id was used.
    fn used<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<(), StoreError>>;
}
