//! Upstream failures, cost and secrets.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::Upstream429As500)
        .shows(&["upstream-429-as-500"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing"),
    Fault::service(FaultId::UpstreamDown)
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "upstream-401-as-401",
    "upstream-timeout-as-500",
    "upstream-down-empty",
    "upstream-key-leak",
    "upstream-body-passthrough",
    "config-missing-500",
    "upstream-quota-gone",
    "mock-in-prod",
    "retry-storm",
    "retry-double-charge",
    "idempotency-ignored",
    "retry-after-missing",
    "limit-shared-bucket",
];
