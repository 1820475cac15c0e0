//! How the service fails.

pub mod addresses_not_fetched;
pub mod invalid_input_refused;
pub mod json_is_json;
pub mod long_address_survived;
pub mod markup_not_echoed;
pub mod no_provider_internals;
pub mod no_secret;
pub mod no_server_error;
pub mod no_stack_trace;
pub mod retry_after_said;
pub mod search_survives;
pub mod second_create_survives;
pub mod unknown_route_is_404;
