//! Health and readiness.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;
use crate::lab::faults::Unshown;

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
    Fault::service(FaultId::HealthHealthyAs503)
        .shows(&["health-code-contradicts"])
        .must_fail(&["health/consistent", "health/healthy"])
        .named("health-lies"),
    Fault::service(FaultId::HealthUnhealthyAs200)
        .shows(&["health-code-contradicts"])
        .must_fail(&["health/consistent", "health/healthy"])
        .named("health-lies"),
    Fault::service(FaultId::HealthUnhealthy)
        .must_fail(&["health/healthy", "health/ready"])
        .named("says-unhealthy"),
    Fault::service(FaultId::HealthStale)
        .shows(&["health-cached"])
        .must_fail(&["health/fresh"])
        .named("stale-health"),
    Fault::service(FaultId::HealthNeedsAuth)
        .shows(&["health-needs-auth"])
        .must_fail(&["health/healthy"])
        .named("health-out-of-reach"),
    Fault::service(FaultId::HealthRedirects)
        .shows(&["health-redirects"])
        .must_fail(&["health/healthy"])
        .named("health-out-of-reach"),
    Fault::service(FaultId::HealthIsAPage)
        .shows(&["health-wrong-service"])
        .must_fail(&["health/healthy"])
        .named("health-out-of-reach"),
    Fault::service(FaultId::WrongService)
        .shows(&["health-wrong-service"])
        .must_fail(&["health/healthy"])
        .named("wrong-url"),
    Fault::service(FaultId::SecretLeak)
        .shows(&["health-leaks-secret"])
        .must_fail(&["errors/no-secret"])
        .named("secret-leaked"),
    Fault::service(FaultId::HealthShowsInternals)
        .shows(&["health-leaks-detail"])
        .must_note(&["health/discloses-little"]),
    Fault::service(FaultId::HealthSlow)
        .shows(&["health-slow"])
        .must_fail(&["health/quick"])
        .named("health-slow"),
    Fault::service(FaultId::HealthBlocked)
        .shows(&["health-blocked"])
        .must_fail(&["health/independent"])
        .named("health-blocked"),
    Fault::service(FaultId::HealthPays)
        .shows(&["health-side-effect"])
        .must_note(&["health/cheap"]),
    Fault::service(FaultId::HealthHeadMissing)
        .shows(&["health-head"])
        .must_note(&["health/head"]),
    Fault::service(FaultId::VersionAbsent)
        .shows(&["health-version-absent"])
        .must_note(&["version/identified"]),
    Fault::service(FaultId::HealthFlaps)
        .shows(&["health-flaps"])
        .must_fail(&["health/steady"])
        .named("health-flaps"),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
