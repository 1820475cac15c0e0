//! Contract and OpenAPI drift.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::shelf::Flaw;
use crate::lab::subject::Subject;
use crate::model::probe::Body;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::FieldRenamed)
        .shows(&["field-renamed"])
        .must_fail(&["contract/responses-conform", "journey/proofs"])
        .named("contract-drift"),
    Fault::service(FaultId::FieldRemoved)
        .shows(&["field-removed"])
        .must_fail(&["contract/responses-conform"])
        .named("contract-drift"),
    Fault::service(FaultId::FieldTypeChanged)
        .shows(&["field-type"])
        .must_fail(&["contract/responses-conform"])
        .named("contract-drift"),
    Fault::service(FaultId::FieldNull)
        .shows(&["field-nullable"])
        .must_fail(&["contract/responses-conform"])
        .named("contract-drift"),
    Fault::service(FaultId::FieldEnumGrew)
        .shows(&["field-enum"])
        .must_fail(&["contract/responses-conform"])
        .named("contract-drift"),
    Fault::service(FaultId::FieldSometimesMissing)
        .shows(&["field-optional-now"])
        .must_fail(&["contract/responses-conform"])
        .named("contract-drift"),
    Fault::service(FaultId::FieldFormatChanged)
        .shows(&["field-format"])
        .must_note(&["contract/responses-conform"]),
    Fault::service(FaultId::ContentTypeWrong)
        .shows(&["content-type-wrong"])
        .must_fail(&["contract/responses-conform"])
        .named("contract-drift"),
    Fault::service(FaultId::ErrorShapeChanged)
        .shows(&["error-shape"])
        .must_note(&["contract/responses-conform"]),
    Fault::service(FaultId::StatusUndocumented)
        .shows(&["status-undocumented"])
        .must_note(&["contract/responses-conform"]),
    Fault::service(FaultId::ContractDiffers)
        .shows(&["spec-stale"])
        .must_fail(&["contract/served-is-pinned"])
        .named("contract-drift"),
    Fault::service(FaultId::DefaultChanged)
        .shows(&["default-changed"])
        .must_fail(&["contract/served-is-pinned"])
        .named("contract-drift"),
    Fault::service(FaultId::SpecMissing)
        .shows(&["spec-missing"])
        .with(names_the_document)
        .must_fail(&["contract/served"])
        .named("contract-not-served"),
    Fault::service(FaultId::SpecCrashes)
        .shows(&["spec-500"])
        .with(names_the_document)
        .must_fail(&["contract/served", "errors/no-server-error"])
        .named("contract-not-served"),
    Fault::service(FaultId::PathNotServed)
        .shows(&["spec-path-absent"])
        .must_fail(&["contract/documented-paths-served"])
        .named("documented-path-gone"),
    Fault::service(FaultId::PrefixMoved)
        .shows(&["prefix-moved"])
        .must_fail(&["contract/prefix-kept"])
        .named("prefix-moved"),
    Fault::service(FaultId::SpecHides500)
        .shows(&["spec-hides-500"])
        .must_note(&["contract/no-500-documented"]),
    Fault::service(FaultId::SpecServerInternal)
        .shows(&["spec-server-url"])
        .must_note(&["contract/servers-can-be-reached"]),
    Fault::service(FaultId::DeprecationSilent)
        .shows(&["deprecation-silent"])
        .must_note(&["contract/deprecation-announced"]),
    Fault::service(FaultId::RequestFieldRequired)
        .shows(&["request-field-required"])
        .must_fail(&["contract/good-requests-accepted", "journey/proofs"])
        .named("valid-request-refused"),
    Fault::service(FaultId::ValidRequestRefused)
        .shows(&["valid-rejected"])
        .must_fail(&["contract/good-requests-accepted"])
        .named("valid-request-refused"),
    Fault::service(FaultId::RequestFieldIgnored)
        .shows(&["request-field-ignored"])
        .with(names_an_entity)
        .must_fail(&["contract/request-fields-kept"])
        .named("request-field-ignored"),
    Fault::service(FaultId::RequestExtraRefused)
        .shows(&["request-extra-refused"])
        .must_note(&["contract/extra-fields-ignored"]),
    Fault::service(FaultId::NumbersTakenForText)
        .shows(&["invalid-accepted"])
        .must_fail(&["errors/invalid-input-refused"])
        .named("invalid-input-accepted"),
    Fault::new(
        "null-refused",
        "null is refused where the contract allows it, as pages send it for what was not chosen.",
        How::Shelf(Flaw::NullRefused),
    )
    .shows(&["valid-rejected"])
    .must_fail(&["contract/good-requests-accepted", "journey/proofs"])
    .named("valid-request-refused"),
    Fault::new(
        "public-read-crashes",
        "A documented read that needs nothing crashes, and no journey ever asked for it.",
        How::Shelf(Flaw::PublicReadCrashes),
    )
    .must_fail(&["errors/no-server-error"])
    .named("server-error"),
    Fault::new(
        "operation-never-called",
        "All is well that was asked, and an operation that must be seen to succeed never was.",
        How::Expected,
    )
    .with(requires_what_nobody_calls)
    .must_fail(&["contract/operations-succeed"])
    .named("operation-unproven"),
];

/// The journeys of the profile, and a share that they reach.
pub fn requires_what_is_called(subject: &mut Subject) {
    let coverage = &mut subject.target.coverage;
    coverage.required = vec!["orchestrate".to_owned(), "* /curations*".to_owned()];
    coverage.least = Some(40);
}

/// An operation that needs what only its users know.
fn requires_what_nobody_calls(subject: &mut Subject) {
    subject.target.coverage.required = vec!["putConceptCategories".to_owned()];
}

/// The profile says where the document is, so that one which is not there is missed.
fn names_the_document(subject: &mut Subject) {
    subject.target.routes.contract = Some("/openapi.json".into());
}

/// The good call is about an entity.
fn names_an_entity(subject: &mut Subject) {
    for proof in &mut subject.target.proofs {
        if let Body::Json { value, .. } = &mut proof.body {
            value["entity_id"] = "the-harbour".into();
        }
    }
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
