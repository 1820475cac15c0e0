//! The wire and the runner over real sockets: servers that behave, servers that do not, and proxies.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![expect(clippy::print_stderr, reason = "what this machine cannot show is said aloud")]

mod answers;
mod bodies;
mod canary;
mod connections;
mod faults;
mod limits;
mod panics;
mod proxies;
mod raw;
mod runs;
mod spending;
mod support;
mod tls;
mod wakes;
