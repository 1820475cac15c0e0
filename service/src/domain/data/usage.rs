//! What was done and what failed, by day and subject: counts and seconds, and never a word of what was said.

use futures_util::future::BoxFuture;
use jiff::civil::Date;

use crate::domain::store::StoreError;

/// What one request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The day on which it was asked, UTC.
    pub day: Date,
    /// Who asked.
    pub subject: String,
    /// Milliseconds of audio that were transcribed; 0 for written words.
    pub audio_ms: u64,
    /// Whether it failed for a reason that is ours or the provider's: a 5xx.
    pub failed: bool,
    /// Whether it was refused for a reason that is the caller's: a 4xx.
    pub refused: bool,
}

/// A day's sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayOfUse {
    /// The day, UTC.
    pub day: Date,
    /// Requests, whatever came of them.
    pub requests: u64,
    /// Those that failed for a reason that is ours or the provider's.
    pub failed: u64,
    /// Those that were refused for a reason that is the caller's.
    pub refused: u64,
    /// Milliseconds of audio that were transcribed.
    pub audio_ms: u64,
}

/// Counts.
pub trait Usage: Send + Sync {
    /// Adds one request to its day. Two at once are both counted.
    fn record<'a>(&'a self, used: &'a Used) -> BoxFuture<'a, Result<(), StoreError>>;

    /// A subject's days from `from` to `to`, both included, oldest first. A day without requests is left out.
    fn days<'a>(
        &'a self,
        subject: &'a str,
        from: Date,
        to: Date,
    ) -> BoxFuture<'a, Result<Vec<DayOfUse>, StoreError>>;
}
