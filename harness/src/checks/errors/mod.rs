//! How the service fails.

pub mod invalid_input_refused;
pub mod no_secret;
pub mod no_server_error;
pub mod no_stack_trace;
pub mod unknown_route_is_404;
