//! How the service fails.

pub mod no_server_error;
