//! Reports: a finished run as text. One file a format; each is a pure function from a run, and the recording it was judged
//! from, to a `String`, so that
//! exactly one place in the command line writes, and the exit code cannot depend on the format.
//!
//! Most strings of a run come from the service under test. All of them pass [`text`] on their way out: nothing that a
//! server sends may move a cursor, forge a line, break a document or fill a disk.

pub mod bundle;
pub mod checkup;
pub mod ci;
pub mod code_quality;
pub mod copied;
pub mod coverage;
pub mod diff;
pub mod encode;
pub mod format;
pub mod github;
pub mod har;
pub mod html;
pub mod human;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod lint;
pub mod markdown;
pub mod matrix;
pub mod notice;
pub mod pages;
pub mod place;
pub mod rollout;
pub mod sarif;
pub mod sent;
pub mod short;
pub mod standing;
pub mod tap;
pub mod text;
pub mod waivers;
pub mod waterfall;

#[cfg(test)]
#[path = "docs_tests.rs"]
mod docs;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
#[path = "schemas_tests.rs"]
mod schemas;
