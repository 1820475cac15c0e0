//! Input handling.

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "val-422-becomes-500",
    "nul-500",
    "surrogate-500",
    "out-nan-500",
    "badjson-500",
    "empty-body-500",
    "wrong-type-500",
    "null-field-500",
    "no-input-500",
    "deep-nesting-500",
    "body-unlimited",
    "oversize-500",
    "media-type-loose",
    "regex-query-500",
    "conflict-500",
    "error-html-echo",
    "ssrf-audio-url",
    "uri-header-limits",
];
