//! Every check and rule, in the order of diagnosis. Adding one is its file and two lines: one here, one in its room.

use crate::check::{Check, Rule};
use crate::checks::{contract, cors, errors, health, journey, reach, version};

/// The checks. What a check needs stands before it.
pub const CHECKS: &[&dyn Check] = &[
    &reach::answers::Answers,
    &version::identified::Identified,
    &version::expected::Expected,
    &health::healthy::Healthy,
    &health::ready::Ready,
    &health::ai_healthy::AiHealthy,
    &health::consistent::Consistent,
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
    &cors::readable::Readable,
    &contract::responses_conform::ResponsesConform,
];
