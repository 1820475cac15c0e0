//! Which build answers.

pub mod expected;
pub mod identified;
