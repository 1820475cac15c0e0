//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::{
    answer_cut, answer_not_json, answers_mixed, any_token_accepted, auth_crashes, auth_not_enforced,
    calls_repeated, certificate_runs_out, concepts_canned, concepts_empty, config_missing_500,
    connection_dropped, container_mislabelled, contract_drift, cors_filter_crashes, cors_missing_everywhere,
    cors_missing_on_errors, cors_missing_on_route, crash_loop, credential_refused, credential_stripped,
    credentials_not_allowed, database_behind, dead_address, development_server, duplicate_cors_headers,
    edge_answers_options, edge_blocks_content, edge_challenge, edge_error_page, edge_limit, edge_timeout,
    error_handler_echoes_origin, expired_accepted, fetches_any_address, first_call_fails, health_lies,
    http2_broken, input_crashes, input_hangs, intermittent_failure, keepalive_race, language_ignored,
    large_body_reset, log_tells_a_crash, look_alike_trusted, loop_blocked, markup_echoed,
    masked_server_error, mixed_versions, mock_left_on, no_drain, null_origin_trusted, old_version_live,
    origin_not_listed, origin_reflected, outage_hidden, partial_success, plain_http, pool_exhausted,
    preflight_misses_headers, preflight_refused, redirect_astray, replica_uneven, saves_unasked,
    secret_leaked, server_error, service_exited, signature_unchecked, silence_transcribed,
    size_limit_missing, speech_translated, stack_trace_leaked, stale_health, tail_lost, too_slow,
    transcript_canned, transcript_empty, unreachable, upstream_failing, upstream_key_refused, vary_missing,
    wildcard_with_credentials, worker_timeout, wrong_url,
};

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[
    // A service that this run started and that is gone explains everything else.
    &service_exited::ServiceExited,
    // Are we kept out? Then nothing is known.
    &edge_challenge::EdgeChallenge,
    // Is it there, is it this service, and is it this build?
    &http2_broken::Http2Broken,
    &unreachable::Unreachable,
    &wrong_url::WrongUrl,
    &old_version_live::OldVersionLive,
    &mixed_versions::MixedVersions,
    &replica_uneven::ReplicaUneven,
    // Did it stay there? What takes turns looks like chance, and chance like everything else.
    &crash_loop::CrashLoop,
    &no_drain::NoDrain,
    &pool_exhausted::PoolExhausted,
    &first_call_fails::FirstCallFails,
    &intermittent_failure::IntermittentFailure,
    // Somebody before or behind the service failed. What pages cannot read of it stays a fault of its own (law 3).
    &edge_limit::EdgeLimit,
    &edge_timeout::EdgeTimeout,
    &edge_blocks_content::EdgeBlocksContent,
    &redirect_astray::RedirectAstray,
    &edge_error_page::EdgeErrorPage,
    &database_behind::DatabaseBehind,
    &upstream_failing::UpstreamFailing,
    &upstream_key_refused::UpstreamKeyRefused,
    &outage_hidden::OutageHidden,
    // Crashes. One that only an Origin causes is named before the crash that it would be taken for, since the same request
    // without an origin was seen to work. One that pages cannot read hides what it is from whoever reports it, so it is
    // named by that, whatever it is; one that every website can read is worse than a crash. Then from the narrowest to
    // the widest: before the caller is looked at, at credentials, at input; then any other.
    &cors_filter_crashes::CorsFilterCrashes,
    &masked_server_error::MaskedServerError,
    &error_handler_echoes_origin::ErrorHandlerEchoesOrigin,
    &config_missing_500::ConfigMissing500,
    &auth_crashes::AuthCrashes,
    &input_crashes::InputCrashes,
    &server_error::ServerError,
    // No answer at all.
    &answer_cut::AnswerCut,
    &worker_timeout::WorkerTimeout,
    &large_body_reset::LargeBodyReset,
    &connection_dropped::ConnectionDropped,
    &input_hangs::InputHangs,
    &too_slow::TooSlow,
    // What only the log of a service that we started tells.
    &log_tells_a_crash::LogTellsACrash,
    &loop_blocked::LoopBlocked,
    &keepalive_race::KeepaliveRace,
    &dead_address::DeadAddress,
    // Pages that cannot use the service: headers that no browser accepts, then nobody, somebody, and some calls or answers.
    &duplicate_cors_headers::DuplicateCorsHeaders,
    &edge_answers_options::EdgeAnswersOptions,
    &cors_missing_everywhere::CorsMissingEverywhere,
    &origin_not_listed::OriginNotListed,
    &wildcard_with_credentials::WildcardWithCredentials,
    &credentials_not_allowed::CredentialsNotAllowed,
    &preflight_refused::PreflightRefused,
    &preflight_misses_headers::PreflightMissesHeaders,
    &cors_missing_on_route::CorsMissingOnRoute,
    &cors_missing_on_errors::CorsMissingOnErrors,
    // Doors that stand open, from the widest to the narrowest: whoever lets in everybody lets in everything below.
    &auth_not_enforced::AuthNotEnforced,
    &any_token_accepted::AnyTokenAccepted,
    &signature_unchecked::SignatureUnchecked,
    &expired_accepted::ExpiredAccepted,
    &origin_reflected::OriginReflected,
    &null_origin_trusted::NullOriginTrusted,
    &look_alike_trusted::LookAlikeTrusted,
    &fetches_any_address::FetchesAnyAddress,
    // A door that does not open. Causes that refuse the page rather than the credential belong before it.
    &credential_stripped::CredentialStripped,
    &credential_refused::CredentialRefused,
    // Answers that are not what was promised, or mean nothing.
    &answers_mixed::AnswersMixed,
    &answer_not_json::AnswerNotJson,
    &contract_drift::ContractDrift,
    &mock_left_on::MockLeftOn,
    &partial_success::PartialSuccess,
    &transcript_empty::TranscriptEmpty,
    &transcript_canned::TranscriptCanned,
    &container_mislabelled::ContainerMislabelled,
    &language_ignored::LanguageIgnored,
    &speech_translated::SpeechTranslated,
    &tail_lost::TailLost,
    &silence_transcribed::SilenceTranscribed,
    &concepts_empty::ConceptsEmpty,
    &concepts_canned::ConceptsCanned,
    &saves_unasked::SavesUnasked,
    &size_limit_missing::SizeLimitMissing,
    &calls_repeated::CallsRepeated,
    // What is said of health.
    &health_lies::HealthLies,
    &stale_health::StaleHealth,
    // What is given away stays given away, whatever else is mended.
    &plain_http::PlainHttp,
    &certificate_runs_out::CertificateRunsOut,
    &development_server::DevelopmentServer,
    &secret_leaked::SecretLeaked,
    &markup_echoed::MarkupEchoed,
    &stack_trace_leaked::StackTraceLeaked,
    // What goes wrong only where a cache is.
    &vary_missing::VaryMissing,
];
