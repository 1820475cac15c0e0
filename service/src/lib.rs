//! The reference service.

pub mod domain;
pub mod providers;
