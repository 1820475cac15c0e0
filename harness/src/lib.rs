//! Greenlight tells a team whether a deploy of their HTTP API is good and, when it is not, why.
//!
//! The rooms, lowest first; an import may only point to a lower rank, and `tests/architecture.rs` enforces it.
//! See `docs/architecture.md`.

pub mod model;
pub mod target;
