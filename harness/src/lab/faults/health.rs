//! Health and readiness.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::HealthLies)
        .shows(&["health-always-ok", "health-feature-blind"])
        .must_fail(&["errors/no-server-error", "health/truthful"])
        .named("upstream-failing")
        .and(&["health-lies"]),
    Fault::service(FaultId::HealthContradicts)
        .shows(&["health-body-contradicts"])
        .must_fail(&["health/consistent"])
        .named("health-lies"),
    Fault::service(FaultId::HealthStale)
        .shows(&["health-cached"])
        .must_fail(&["health/fresh"])
        .named("stale-health"),
    Fault::service(FaultId::SecretLeak)
        .shows(&["health-leaks-secret"])
        .must_fail(&["errors/no-secret"])
        .named("secret-leaked"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "health-code-contradicts",
    "health-needs-auth",
    "health-redirects",
    "health-wrong-service",
    "health-leaks-detail",
    "health-slow",
    "health-blocked",
    "health-side-effect",
    "health-head",
    "health-version-absent",
    "health-flaps",
];
