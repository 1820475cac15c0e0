//! Things that are good once and for a short time: the `state` of a login, and the code that hands its tokens over. They are
//! kept in the database, so that a restart or a second instance knows them too.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::store::StoreError;

/// Keeps things that are good once.
pub trait Once: Send + Sync {
    /// Keeps a value of a kind under a key, until `expires`. The key is the hash of what was given away. Clears away what has
    /// expired at `now`.
    fn put<'a>(
        &'a self,
        kind: &'a str,
        key: &'a str,
        value: &'a str,
        now: Timestamp,
        expires: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Takes a value away; none when there is none, or it has expired. Of any number that take at once exactly one gets it.
    fn take<'a>(
        &'a self,
        kind: &'a str,
        key: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>>;
}
