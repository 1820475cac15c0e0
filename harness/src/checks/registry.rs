//! Every check and rule, in the order of diagnosis. Adding one is its file and two lines: one here, one in its room.

use crate::check::{Check, Rule};
use crate::checks::{cors, errors, health, journey, reach, version};

/// The checks. What a check needs stands before it.
pub const CHECKS: &[&dyn Check] = &[
    &reach::answers::Answers,
    &cors::preflight_allowed::PreflightAllowed,
    &cors::foreign_origins_refused::ForeignOriginsRefused,
    &journey::proofs::Proofs,
    &version::identified::Identified,
    &version::expected::Expected,
    &health::healthy::Healthy,
    &health::ready::Ready,
    &health::ai_healthy::AiHealthy,
    &health::consistent::Consistent,
    &health::truthful::Truthful,
    &health::fresh::Fresh,
];

/// The rules.
pub const RULES: &[&dyn Rule] = &[
    &reach::every_request_answered::EveryRequestAnswered,
    &errors::no_server_error::NoServerError,
    &cors::readable::Readable,
];
