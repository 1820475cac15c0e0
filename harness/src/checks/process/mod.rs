//! The process behind the service, when this run started it (`--spawn`): that it lives, and what it says of itself.

pub mod keeps_running;
pub mod log_tells_no_crash;

/// Why neither concerns a service that was there before.
const NOT_OURS: &str = "this run did not start the service: its process and its log are not known";
