//! What is kept, one file a table: the statements, and what their rows mean. Each statement is one text that both databases
//! understand, and each promise of "exactly one" is kept by a statement that changes a row under a condition, in the database.
//!
//! Columns are named one by one: a table may have gained others by a newer version that runs at the same time.

mod categories;
mod curations;
mod keys;
mod once;
mod replays;
mod sessions;
mod usage;
