//! Drivers: what decides which probes go out next. Pure state machines; the runner executes them.

pub mod diagnose;
pub mod rounds;
pub mod scenario;
pub mod served;
pub mod wait;
