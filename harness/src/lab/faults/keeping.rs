//! What is kept, deleted and repeated, and how sessions are renewed.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;
use crate::lab::faults::Unshown;

const FOUND: &[&str] = &["journey/kept-is-found"];
const UNALTERED: &[&str] = &["journey/kept-is-unaltered"];

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::KeptNowhere)
        .must_fail(FOUND)
        .named("kept-lost"),
    Fault::service(FaultId::KeptOffList)
        .must_fail(FOUND)
        .named("kept-lost"),
    Fault::service(FaultId::KeptFieldLost)
        .must_fail(UNALTERED)
        .named("kept-altered"),
    Fault::service(FaultId::KeptTextCut)
        .must_fail(UNALTERED)
        .named("kept-altered"),
    Fault::service(FaultId::DeleteKeeps)
        .must_fail(&["journey/deleted-is-gone"])
        .named("delete-without-effect"),
    Fault::service(FaultId::PreviewKept)
        .must_fail(&["journey/preview-keeps-nothing"])
        .named("saves-unasked"),
    Fault::service(FaultId::KeyNotKept)
        .shows(&["idempotency-ignored"])
        .must_fail(&["http/idempotency-kept"])
        .named("idempotency-ignored"),
    Fault::service(FaultId::KeyWithoutBody)
        .must_fail(&["http/idempotency-kept"])
        .named("idempotency-ignored"),
    Fault::service(FaultId::KeyWithoutCaller)
        .must_fail(&["http/idempotency-scoped"])
        .named("idempotency-shared"),
    Fault::service(FaultId::RefreshCrashes)
        .must_fail(&["auth/refresh-renews", "errors/no-server-error"])
        .named("refresh-fails"),
    Fault::service(FaultId::RefreshUseless)
        .must_fail(&["auth/refresh-renews"])
        .named("refresh-fails"),
    Fault::service(FaultId::RefreshTakesAccess)
        .must_fail(&["auth/refresh-refuses"])
        .named("refresh-too-trusting"),
    Fault::service(FaultId::RefreshReusable)
        .must_fail(&["auth/refresh-refuses"])
        .named("refresh-too-trusting"),
    Fault::service(FaultId::RefreshTheftForgiven).must_note(&["auth/refresh-reuse-noticed"]),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
