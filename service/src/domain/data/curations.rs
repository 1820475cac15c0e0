//! Kept runs, read back by whoever kept them: one, a page of them, or none any more.
//!
//! Owners are subjects; whatever is somebody else's is as if it were not there. No SQL and no HTTP here.

use futures_util::future::BoxFuture;

use crate::domain::store::{Curation, StoreError};

/// The most curations that one page holds.
pub const MOST_A_PAGE: u32 = 100;

/// A page of so many bytes of text is full, however many are still wanted: it ends with the one that passes them.
pub const FULL_PAGE: u64 = 256 * 1024;

/// Which curations are wanted. Every part that is there must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// About exactly this entity.
    pub entity_id: Option<String>,
    /// About exactly this kind of entity.
    pub entity_type: Option<String>,
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The curations. One whose row is damaged is left out, and told in the log: it costs nobody the others.
    pub curations: Vec<Curation>,
    /// The id after which the next page begins; none when this is the last.
    pub next: Option<String>,
}

/// Reads curations back. The ids are UUIDs of version 7, which sort as they were made.
pub trait Curations: Send + Sync {
    /// Up to `most` (1 to [`MOST_A_PAGE`]) of an owner's, newest first, or fewer when their texts fill the page; after the one with the id `after`, which need not be
    /// there any more.
    fn list<'a>(
        &'a self,
        owner: &'a str,
        filter: &'a Filter,
        after: Option<&'a str>,
        most: u32,
    ) -> BoxFuture<'a, Result<Page, StoreError>>;

    /// One of an owner's; none when there is none of that id, or it is another's.
    fn get<'a>(&'a self, owner: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>>;

    /// Deletes one of an owner's, and says whether it was there.
    fn delete<'a>(&'a self, owner: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool, StoreError>>;
}
