//! What the service keeps, and how it may fail to.
//!
//! No SQL here, and no driver's text: what a caller reads about the database is a fixed sentence.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::concepts::Concept;

/// One orchestrated run that its caller asked to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curation {
    /// Our name for it, a UUID.
    pub id: String,
    /// Who asked: the token's subject.
    pub subject: String,
    /// The workflow that ran.
    pub workflow: String,
    /// The curator, as the caller named it.
    pub curator_id: Option<String>,
    /// The entity, as the caller named it.
    pub entity_id: Option<String>,
    /// What kind of entity it is.
    pub entity_type: String,
    /// The place, as the caller named it.
    pub place_id: Option<String>,
    /// The language that was asked for.
    pub language: String,
    /// The text, as transcribed or as sent.
    pub text: String,
    /// What was found in it.
    pub concepts: Vec<Concept>,
    /// When it was kept.
    pub created_at: Timestamp,
    /// How long the recording plays, in milliseconds; none when the words were written.
    pub audio_ms: Option<u64>,
}

/// Keeps curations. U+0000 in a text, which PostgreSQL cannot keep, becomes U+FFFD in every database.
pub trait Store: Send + Sync {
    /// Keeps one, in the place of one with the same id and subject. Only when this returns `Ok` can it be found again; after
    /// [`StoreError::Slow`] nobody knows.
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Finds one by its id.
    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>>;

    /// Measures, now, whether the database could keep and find anything.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Why the database did not do its work. Waiting may mend each: a 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file that was opened is no longer there, or its server cannot be reached.
    #[error("the database is gone")]
    Gone,
    /// No answer within the deadline.
    #[error("the database does not answer in time")]
    Slow,
    /// It refused, or what it holds is damaged.
    #[error("the database does not work")]
    Failed,
}

impl StoreError {
    /// One word for a health report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Slow => "slow",
            Self::Failed => "failed",
        }
    }
}
