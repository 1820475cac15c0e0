//! Every check and rule, in the order of diagnosis. Adding one is its file and two lines: one here, one in its room.

use crate::check::{Check, Rule};
use crate::checks::{
    auth, contract, cors, edge, errors, health, journey, process, reach, rollout, tls, version,
};

/// The checks. What a check needs stands before it.
pub const CHECKS: &[&dyn Check] = &[
    &process::keeps_running::KeepsRunning,
    &reach::answers::Answers,
    &reach::http2_works::Http2Works,
    &reach::every_address_answers::EveryAddressAnswers,
    &tls::certificate_lasts::CertificateLasts,
    &tls::hsts::Hsts,
    &tls::only_tls::OnlyTls,
    &version::identified::Identified,
    &version::expected::Expected,
    &rollout::one_build::OneBuild,
    &rollout::first_answer_in_time::FirstAnswerInTime,
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
    &cors::vary_on_origin::VaryOnOrigin,
    &cors::origin_crashes_nothing::OriginCrashesNothing,
    &contract::served::Served,
    &contract::served_is_pinned::ServedIsPinned,
    &journey::proofs::Proofs,
    &journey::text_is_understood::TextIsUnderstood,
    &journey::speech_is_transcribed::SpeechIsTranscribed,
    &journey::follows_the_audio::FollowsTheAudio,
    &health::truthful::Truthful,
    &health::fresh::Fresh,
    &process::log_tells_no_crash::LogTellsNoCrash,
    &rollout::replicas_agree::ReplicasAgree,
    &rollout::same_every_time::SameEveryTime,
    &rollout::answers_not_mixed::AnswersNotMixed,
    &rollout::light_beside_heavy::LightBesideHeavy,
    &edge::vary_on_encoding::VaryOnEncoding,
    &edge::keep_alive::KeepAlive,
    &edge::expect_continue::ExpectContinue,
];

/// The rules.
pub const RULES: &[&dyn Rule] = &[
    &reach::every_request_answered::EveryRequestAnswered,
    &rollout::production_server::ProductionServer,
    &edge::redirects_kept::RedirectsKept,
    &edge::answers_whole::AnswersWhole,
    &errors::no_server_error::NoServerError,
    &errors::no_stack_trace::NoStackTrace,
    &errors::no_secret::NoSecret,
    &cors::readable::Readable,
    &auth::challenge::Challenge,
    &contract::responses_conform::ResponsesConform,
];
