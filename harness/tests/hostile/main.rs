//! Servers and files that mean harm, against the real binary: every command ends in time, in bounded memory, with a
//! verdict that replays, and nothing that a stranger wrote steers a terminal or breaks a report.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails the test by panicking"
)]
#![expect(
    clippy::print_stderr,
    reason = "what was measured is told to whoever runs with --nocapture"
)]

mod asked;
mod behaviours;
mod binary;
mod held;
mod indiscreet;
mod server;

mod canary;
mod contracts;
mod exports;
mod recordings;
mod verified;
