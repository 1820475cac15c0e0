//! `greenlight wait`, against two instances of different builds behind a real nginx, while a deploy swaps one for the other.
//! Skips aloud where there is no nginx, and fails there when GREENLIGHT_REQUIRE names it.

#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod ends;
mod nginx;
mod proofs;
mod proxies;
mod swaps;
mod waiting;
