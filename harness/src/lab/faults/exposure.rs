//! Caching, cookies, TLS and exposure.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[Fault::service(FaultId::StackTraceLeak)
    .shows(&["stack-trace"])
    .must_fail(&["errors/no-server-error", "errors/no-stack-trace"])
    .named("server-error")];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "cache-authed-public",
    "cache-cross-user",
    "cache-error-sticky",
    "cache-nostore-absent",
    "debug-page",
    "server-banner",
    "tls-expired",
    "tls-chain",
    "tls-name",
    "tls-old",
    "http-plain",
    "hsts-missing",
    "nosniff-missing",
    "cookie-flags",
    "cookie-samesite",
    "secret-file",
    "debug-route",
];
