//! What a browser may do.

pub mod errors_do_not_echo;
pub mod foreign_origins_refused;
pub mod headers_exposed;
pub mod origin_crashes_nothing;
pub mod preflight_allowed;
pub mod readable;
pub mod vary_on_origin;
