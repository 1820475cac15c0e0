//! What is kept beside the runs that are being saved: what each kind of it means, and how it is asked for.
//!
//! Traits and values only. `crate::storage` keeps them in SQLite and PostgreSQL; tests may keep them anywhere. Times are kept to
//! the millisecond, except [`crate::domain::store::Curation::created_at`], which is kept as it is.

pub mod categories;
pub mod curations;
pub mod database;
pub mod keys;
pub mod once;
pub mod replays;
pub mod sessions;
pub mod usage;
