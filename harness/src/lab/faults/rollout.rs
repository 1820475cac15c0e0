//! Rollout, concurrency and stability.

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "old-version-live",
    "mixed-versions",
    "replica-config",
    "migration-missing",
    "first-request-fails",
    "cold-start-over-budget",
    "intermittent-5xx",
    "loop-blocked",
    "pool-exhausted",
    "crosstalk",
    "memory-growth",
    "drain-errors",
    "crash-loop",
    "worker-timeout",
    "debug-reload",
    "state-not-shared",
];
