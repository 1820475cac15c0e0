//! Greenlight tells a team whether a deploy of their HTTP API is good and, when it is not, why.
//!
//! The rooms, lowest first; an import may only point to a lower rank, and `tests/architecture.rs` enforces it.
//! See `docs/architecture.md`.

pub mod check;
pub mod checks;
pub mod cli;
pub mod compare;
pub mod contract;
pub mod cors;
pub mod devtools;
pub mod diagnosis;
pub mod draft;
pub mod drive;
pub mod init;
#[cfg(feature = "lab")]
pub mod lab;
pub mod model;
pub mod page;
pub mod report;
pub mod runner;
pub mod scenario;
pub mod target;
pub mod transport;
