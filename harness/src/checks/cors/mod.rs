//! What a browser may do.

pub mod foreign_origins_refused;
pub mod preflight_allowed;
pub mod readable;
