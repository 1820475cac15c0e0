//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::{
    any_token_accepted, auth_crashes, auth_not_enforced, config_missing_500, connection_dropped,
    contract_drift, credential_refused, edge_error_page, expired_accepted, health_lies, input_crashes,
    masked_server_error, old_version_live, secret_leaked, server_error, signature_unchecked,
    stack_trace_leaked, stale_health, too_slow, transcript_canned, transcript_empty, unreachable,
    upstream_failing, wrong_url,
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
    // Crashes. One that pages cannot read hides what it is from whoever reports it, so it is named by that, whatever it
    // is. Then from the narrowest to the widest: before the caller is looked at, at credentials, at input; then any other.
    &masked_server_error::MaskedServerError,
    &config_missing_500::ConfigMissing500,
    &auth_crashes::AuthCrashes,
    &input_crashes::InputCrashes,
    &server_error::ServerError,
    // No answer at all.
    &connection_dropped::ConnectionDropped,
    &too_slow::TooSlow,
    // Doors that stand open, from the widest to the narrowest: whoever lets in everybody lets in everything below.
    &auth_not_enforced::AuthNotEnforced,
    &any_token_accepted::AnyTokenAccepted,
    &signature_unchecked::SignatureUnchecked,
    &expired_accepted::ExpiredAccepted,
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
];
