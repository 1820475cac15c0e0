//! HTTP semantics, time and observability.

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "method-wrong-status",
    "allow-missing",
    "head-differs",
    "trace-enabled",
    "get-has-effects",
    "error-as-200",
    "problem-malformed",
    "request-id-missing",
    "request-id-constant",
    "request-id-unchecked",
    "traceparent-crash",
    "retry-after-bad",
    "ratelimit-lies",
    "time-naive",
    "time-skew",
    "etag-wrong",
    "charset-wrong",
    "code-has-body",
];
