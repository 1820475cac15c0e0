//! What a browser may do.

pub mod cached_for_each_origin;
pub mod errors_do_not_echo;
pub mod every_header_judged;
pub mod foreign_origins_refused;
pub mod headers_exposed;
pub mod json_needs_preflight;
pub mod origin_crashes_nothing;
pub mod preflight_allowed;
pub mod preflight_does_no_work;
pub mod preflight_remembered;
pub mod readable;
pub mod timing_shared;
pub mod vary_kept;
pub mod vary_on_origin;
