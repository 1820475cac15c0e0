//! Every check and rule, in the order of diagnosis. Adding one is its file and two lines: one here, one in its room.

use crate::check::{Check, Rule};
use crate::checks::{cors, errors, journey, reach};

/// The checks. What a check needs stands before it.
pub const CHECKS: &[&dyn Check] = &[
    &reach::answers::Answers,
    &cors::preflight_allowed::PreflightAllowed,
    &cors::foreign_origins_refused::ForeignOriginsRefused,
    &cors::errors_do_not_echo::ErrorsDoNotEcho,
    &cors::headers_exposed::HeadersExposed,
    &cors::vary_on_origin::VaryOnOrigin,
    &cors::origin_crashes_nothing::OriginCrashesNothing,
    &journey::proofs::Proofs,
];

/// The rules.
pub const RULES: &[&dyn Rule] = &[
    &reach::every_request_answered::EveryRequestAnswered,
    &errors::no_server_error::NoServerError,
    &cors::readable::Readable,
];
