//! What stands in front of the service, and how bytes get through it.

pub mod answers_whole;
pub mod expect_continue;
pub mod keep_alive;
pub mod redirects_kept;
pub mod two_lengths_refused;
pub mod vary_on_encoding;
