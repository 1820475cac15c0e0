//! The service over real sockets: one process, many services, each on a free port.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should say so and stop"
)]

mod audio;
mod audio_url;
mod auth;
mod binary;
mod categories;
mod circuit;
#[expect(
    dead_code,
    reason = "only the tests of storage stop a server and start it again"
)]
#[path = "../storage/cluster.rs"]
mod cluster;
mod command_line;
mod configuration;
mod connections;
mod contract;
mod cors_table;
mod curations;
#[cfg(feature = "faults")]
mod faults;
mod four_commands;
mod health;
mod idempotency;
mod input;
mod issuer;
mod keys;
mod layers;
mod limits;
mod login;
mod login_provider;
mod many;
mod memory;
mod panics;
mod probe;
mod recorded_bugs;
mod saving;
mod sessions;
mod shutdown;
mod staging;
mod support;
mod telemetry;
mod usage;
mod whole_requests;
mod wire;
