//! Contract and OpenAPI drift.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::FieldRenamed)
        .shows(&["field-renamed"])
        .must_fail(&["contract/responses-conform", "journey/proofs"])
        .named("contract-drift"),
    Fault::service(FaultId::ContractDiffers)
        .shows(&["spec-stale"])
        .must_fail(&["contract/served-is-pinned"])
        .named("contract-drift"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "spec-missing",
    "spec-500",
    "spec-path-absent",
    "spec-hides-500",
    "field-removed",
    "field-type",
    "field-nullable",
    "field-enum",
    "field-optional-now",
    "field-format",
    "request-field-required",
    "request-field-ignored",
    "request-extra-refused",
    "default-changed",
    "status-undocumented",
    "content-type-wrong",
    "error-shape",
    "prefix-moved",
    "spec-server-url",
    "invalid-accepted",
    "valid-rejected",
    "deprecation-silent",
];
