//! The service over real sockets: one process, many services, each on a free port.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should say so and stop"
)]

mod audio;
mod auth;
mod binary;
mod command_line;
mod connections;
mod contract;
mod cors_table;
#[cfg(feature = "faults")]
mod faults;
mod four_commands;
mod health;
mod input;
mod layers;
mod many;
mod saving;
mod shutdown;
mod support;
mod telemetry;
