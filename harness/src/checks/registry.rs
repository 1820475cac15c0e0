//! Every check and rule, in the order of diagnosis. Adding one is its file and two lines: one here, one in its room.

use crate::check::{Check, Rule};
use crate::checks::{auth, contract, cors, errors, health, journey, reach, version};

/// The checks. What a check needs stands before it.
pub const CHECKS: &[&dyn Check] = &[
    &reach::answers::Answers,
    &version::identified::Identified,
    &version::expected::Expected,
    &health::healthy::Healthy,
    &health::ready::Ready,
    &health::ai_healthy::AiHealthy,
    &health::consistent::Consistent,
    &cors::preflight_allowed::PreflightAllowed,
    &cors::foreign_origins_refused::ForeignOriginsRefused,
    &auth::good_credential_accepted::GoodCredentialAccepted,
    &auth::missing_credential_refused::MissingCredentialRefused,
    &auth::spoilt_credential_refused::SpoiltCredentialRefused,
    &auth::expired_credential_refused::ExpiredCredentialRefused,
    &auth::lower_case_scheme_accepted::LowerCaseSchemeAccepted,
    &errors::unknown_route_is_404::UnknownRouteIs404,
    &errors::invalid_input_refused::InvalidInputRefused,
    &cors::errors_do_not_echo::ErrorsDoNotEcho,
    &cors::headers_exposed::HeadersExposed,
    &cors::every_header_judged::EveryHeaderJudged,
    &cors::preflight_remembered::PreflightRemembered,
    &cors::preflight_does_no_work::PreflightDoesNoWork,
    &cors::vary_on_origin::VaryOnOrigin,
    &cors::vary_kept::VaryKept,
    &cors::cached_for_each_origin::CachedForEachOrigin,
    &cors::timing_shared::TimingShared,
    &cors::json_needs_preflight::JsonNeedsPreflight,
    &cors::origin_crashes_nothing::OriginCrashesNothing,
    &contract::served::Served,
    &contract::served_is_pinned::ServedIsPinned,
    &journey::proofs::Proofs,
    &journey::text_is_understood::TextIsUnderstood,
    &journey::speech_is_transcribed::SpeechIsTranscribed,
    &journey::follows_the_audio::FollowsTheAudio,
    &health::truthful::Truthful,
    &health::fresh::Fresh,
];

/// The rules.
pub const RULES: &[&dyn Rule] = &[
    &reach::every_request_answered::EveryRequestAnswered,
    &errors::no_server_error::NoServerError,
    &errors::no_stack_trace::NoStackTrace,
    &errors::no_secret::NoSecret,
    &cors::readable::Readable,
    &auth::challenge::Challenge,
    &contract::responses_conform::ResponsesConform,
];
