//! Origin policy: is the answer too generous?

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::OriginReflected)
        .shows(&["origin-reflect-credentials"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("origin-reflected"),
    Fault::service(FaultId::NullOriginAllowed)
        .shows(&["origin-null"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("null-origin-trusted"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "origin-reflect-open",
    "origin-prefix-match",
    "origin-suffix-match",
    "origin-dot-any",
    "origin-http-scheme",
    "origin-any-subdomain",
    "origin-localhost-in-prod",
    "pna-default-on",
    "json-as-simple-request",
];
