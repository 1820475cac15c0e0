//! CORS protocol: can an allowed browser client use the API at all?

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::CorsMissingEverywhere)
        .shows(&["cors-missing"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("cors-missing-everywhere"),
    Fault::service(FaultId::OriginNotListed)
        .shows(&["cors-allowlist-drift"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("origin-not-listed"),
    Fault::service(FaultId::WildcardWithCredentials)
        .shows(&["cors-star-with-credentials"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("wildcard-with-credentials"),
    Fault::service(FaultId::VaryMissing)
        .shows(&["cors-vary-missing"])
        .must_fail(&["cors/vary-on-origin"])
        .named("vary-missing"),
    Fault::service(FaultId::Preflight405)
        .shows(&["cors-preflight-404-405"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-refused"),
    Fault::service(FaultId::PreflightRequiresAuth)
        .shows(&["cors-preflight-401"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-refused"),
    Fault::service(FaultId::PreflightRedirect)
        .shows(&["cors-preflight-redirect"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-refused"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "cors-preflight-5xx",
    "cors-acao-wrong-origin",
    "cors-acao-multi",
    "cors-acao-list",
    "cors-acao-trailing-slash",
    "cors-acac-not-true",
    "cors-acac-uneven",
    "cors-acah-star-authorization",
    "cors-acah-missing",
    "cors-acah-star-credentialed",
    "cors-acah-parser",
    "cors-acah-any-match",
    "cors-acam-missing",
    "cors-actual-bare",
    "cors-route-uneven",
    "cors-expose-missing",
    "cors-max-age-poor",
    "cors-vary-clobbered",
    "cors-cached-wrong-origin",
    "cors-options-side-effect",
    "cors-bad-origin-crash",
    "cors-timing-closed",
];
