//! Sessions: the chain of refresh tokens that began with one login. Each token of the chain is good once; whoever shows one
//! again has stolen it, or was stolen from, and the whole chain ends (RFC 9700 §4.14.2).

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::store::StoreError;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Our name for it, a UUID.
    pub id: String,
    /// Whose it is.
    pub subject: String,
    /// What its tokens may be used for.
    pub scopes: Vec<String>,
    /// The `jti` of the one refresh token that is good.
    pub current: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
}

/// What came of showing a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was the good one, and the next one is now.
    Rotated(Session),
    /// It was good once. The session has ended with this.
    Reused,
    /// The session has ended, or there is none.
    Ended,
}

/// Keeps sessions.
pub trait Sessions: Send + Sync {
    /// Begins one.
    fn begin<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Puts the token `next` in the place of `shown`. Of any number that show the same token at once exactly one is told
    /// [`Rotation::Rotated`].
    fn rotate<'a>(
        &'a self,
        id: &'a str,
        shown: &'a str,
        next: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Rotation, StoreError>>;

    /// Ends one, and says whether it was going on.
    fn end<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Whether one is going on at this time.
    fn goes_on<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<bool, StoreError>>;
}
