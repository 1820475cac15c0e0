//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::{
    answers_cacheable, any_token_accepted, auth_crashes, auth_not_enforced, clock_off, config_missing_500,
    connection_dropped, contract_drift, contract_not_served, cors_filter_crashes, cors_missing_everywhere,
    cors_missing_on_errors, cors_missing_on_route, credential_refused, credentials_not_allowed,
    debug_mode_on, debug_route_public, documented_path_gone, duplicate_cors_headers, edge_error_page,
    error_as_200, error_cached, error_handler_echoes_origin, etag_wrong, expired_accepted, get_has_effects,
    health_lies, input_crashes, invalid_input_accepted, json_not_utf8, look_alike_trusted,
    malformed_header_crashes, masked_server_error, null_origin_trusted, old_version_live, origin_not_listed,
    origin_reflected, prefix_moved, preflight_misses_headers, preflight_refused, request_field_ignored,
    secret_file_served, secret_leaked, server_error, session_cookie_not_sent, session_cookie_unsafe,
    signature_unchecked, stack_trace_leaked, stale_health, too_slow, trace_enabled, transcript_canned,
    transcript_empty, unreachable, upstream_failing, valid_request_refused, vary_missing,
    wildcard_with_credentials, wrong_url,
};

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[
    // Is it there, is it this service, and is it this build?
    &unreachable::Unreachable,
    &prefix_moved::PrefixMoved,
    &wrong_url::WrongUrl,
    &old_version_live::OldVersionLive,
    // Somebody before or behind the service failed. What pages cannot read of it stays a fault of its own (law 3).
    &error_cached::ErrorCached,
    &edge_error_page::EdgeErrorPage,
    &upstream_failing::UpstreamFailing,
    // Crashes. One that only an Origin causes is named before the crash that it would be taken for, since the same request
    // without an origin was seen to work. One that pages cannot read hides what it is from whoever reports it, so it is
    // named by that, whatever it is; one that every website can read is worse than a crash. Then from the narrowest to
    // the widest: before the caller is looked at, at credentials, at input; then any other.
    &cors_filter_crashes::CorsFilterCrashes,
    &masked_server_error::MaskedServerError,
    &error_handler_echoes_origin::ErrorHandlerEchoesOrigin,
    &contract_not_served::ContractNotServed,
    &malformed_header_crashes::MalformedHeaderCrashes,
    &config_missing_500::ConfigMissing500,
    &auth_crashes::AuthCrashes,
    &input_crashes::InputCrashes,
    &server_error::ServerError,
    // No answer at all.
    &connection_dropped::ConnectionDropped,
    &too_slow::TooSlow,
    // Pages that cannot use the service: headers that no browser accepts, then nobody, somebody, and some calls or answers.
    &duplicate_cors_headers::DuplicateCorsHeaders,
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
    // A door that does not open. Causes that refuse the page rather than the credential belong before it.
    &credential_refused::CredentialRefused,
    // Answers that are not what was promised, or mean nothing.
    &error_as_200::ErrorAs200,
    &json_not_utf8::JsonNotUtf8,
    &valid_request_refused::ValidRequestRefused,
    &contract_drift::ContractDrift,
    &documented_path_gone::DocumentedPathGone,
    &request_field_ignored::RequestFieldIgnored,
    &invalid_input_accepted::InvalidInputAccepted,
    &transcript_empty::TranscriptEmpty,
    &transcript_canned::TranscriptCanned,
    // What is said of health.
    &health_lies::HealthLies,
    &clock_off::ClockOff,
    &stale_health::StaleHealth,
    // What is given away stays given away, whatever else is mended.
    &secret_file_served::SecretFileServed,
    &debug_mode_on::DebugModeOn,
    &secret_leaked::SecretLeaked,
    &stack_trace_leaked::StackTraceLeaked,
    &session_cookie_unsafe::SessionCookieUnsafe,
    &session_cookie_not_sent::SessionCookieNotSent,
    &debug_route_public::DebugRoutePublic,
    &trace_enabled::TraceEnabled,
    &get_has_effects::GetHasEffects,
    // What goes wrong only where a cache is.
    &answers_cacheable::AnswersCacheable,
    &etag_wrong::EtagWrong,
    &vary_missing::VaryMissing,
];
