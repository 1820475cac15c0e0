//! Reports: a finished run as text. One file a format; each is a pure function from a run to a `String`, so that
//! exactly one place in the command line writes, and the exit code cannot depend on the format.
//!
//! Most strings of a run come from the service under test. All of them pass [`text`] on their way out: nothing that a
//! server sends may move a cursor, forge a line, break a document or fill a disk.

pub mod format;
pub mod human;
pub mod json;
pub mod junit;
pub mod matrix;
pub mod rollout;
pub mod text;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
#[path = "schemas_tests.rs"]
mod schemas;
