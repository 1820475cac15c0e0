//! The fault lab and the embedded reference service: the only room that knows `orchestrate`.
//!
//! Everything that the harness claims to catch is shown here on every build: each fault is injected into a real service over
//! real sockets, and each healthy look-alike must come through unflagged.

pub mod careful;
pub mod catalogue;
pub mod cost;
pub mod edge;
pub mod embedded;
pub mod fault;
pub mod faults;
pub mod guarded;
pub mod inject;
mod issued;
pub mod kept_otherwise;
pub mod lookalike;
pub mod matrix;
pub mod notes;
pub mod notes_limit;
pub mod notes_service;
pub mod pages;
pub mod shelf;
pub mod shelf_service;
pub mod stories;
pub mod subject;
