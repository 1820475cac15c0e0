//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::{
    any_token_accepted, auth_crashes, auth_not_enforced, cached_for_another_origin, config_missing_500,
    connection_dropped, contract_drift, cors_filter_crashes, cors_missing_everywhere, cors_missing_on_errors,
    cors_missing_on_route, cors_on_preflight_only, credential_refused, credentials_not_allowed,
    development_origin_trusted, duplicate_cors_headers, edge_error_page, error_handler_echoes_origin,
    expired_accepted, health_lies, input_crashes, json_without_preflight, look_alike_trusted,
    masked_server_error, null_origin_trusted, old_version_live, origin_not_listed, origin_reflected,
    preflight_does_work, preflight_misses_headers, preflight_parsed_strictly, preflight_refused,
    secret_leaked, server_error, signature_unchecked, stack_trace_leaked, stale_health, too_slow,
    transcript_canned, transcript_empty, unreachable, upstream_failing, vary_missing,
    wildcard_with_credentials, wrong_url,
};

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[
    // Is it there, is it this service, and is it this build?
    &unreachable::Unreachable,
    &wrong_url::WrongUrl,
    &old_version_live::OldVersionLive,
    // Somebody before or behind the service failed. What pages cannot read of it stays a fault of its own (law 3).
    &edge_error_page::EdgeErrorPage,
    &upstream_failing::UpstreamFailing,
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
    &connection_dropped::ConnectionDropped,
    &too_slow::TooSlow,
    // Pages that cannot use the service: headers that no browser accepts, then nobody, somebody, and some calls or answers.
    &cached_for_another_origin::CachedForAnotherOrigin,
    &duplicate_cors_headers::DuplicateCorsHeaders,
    &cors_missing_everywhere::CorsMissingEverywhere,
    &origin_not_listed::OriginNotListed,
    &wildcard_with_credentials::WildcardWithCredentials,
    &credentials_not_allowed::CredentialsNotAllowed,
    &preflight_parsed_strictly::PreflightParsedStrictly,
    &cors_on_preflight_only::CorsOnPreflightOnly,
    &cors_missing_on_route::CorsMissingOnRoute,
    &preflight_refused::PreflightRefused,
    &preflight_misses_headers::PreflightMissesHeaders,
    &cors_missing_on_errors::CorsMissingOnErrors,
    // Doors that stand open, from the widest to the narrowest: whoever lets in everybody lets in everything below.
    &auth_not_enforced::AuthNotEnforced,
    &any_token_accepted::AnyTokenAccepted,
    &signature_unchecked::SignatureUnchecked,
    &expired_accepted::ExpiredAccepted,
    &origin_reflected::OriginReflected,
    &null_origin_trusted::NullOriginTrusted,
    &look_alike_trusted::LookAlikeTrusted,
    &development_origin_trusted::DevelopmentOriginTrusted,
    &json_without_preflight::JsonWithoutPreflight,
    // A door that does not open. Causes that refuse the page rather than the credential belong before it.
    &credential_refused::CredentialRefused,
    // Answers that are not what was promised, or mean nothing.
    &contract_drift::ContractDrift,
    &transcript_empty::TranscriptEmpty,
    &transcript_canned::TranscriptCanned,
    // What is said of health.
    &health_lies::HealthLies,
    &stale_health::StaleHealth,
    // What is given away stays given away, whatever else is mended.
    &secret_leaked::SecretLeaked,
    &stack_trace_leaked::StackTraceLeaked,
    // What costs more than it should.
    &preflight_does_work::PreflightDoesWork,
    // What goes wrong only where a cache is.
    &vary_missing::VaryMissing,
];
