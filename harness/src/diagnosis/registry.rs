//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::{
    any_token_accepted, auth_crashes, auth_not_enforced, config_missing_500, credential_refused,
    expired_accepted, input_crashes, masked_server_error, secret_leaked, server_error, signature_unchecked,
    stack_trace_leaked,
};

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[
    // Crashes. One that pages cannot read hides what it is from whoever reports it, so it is named by that, whatever it
    // is. Then from the narrowest to the widest: before the caller is looked at, at credentials, at input; then any other.
    // Causes that explain a 5xx by somebody behind the service belong before `server-error`.
    &masked_server_error::MaskedServerError,
    &config_missing_500::ConfigMissing500,
    &auth_crashes::AuthCrashes,
    &input_crashes::InputCrashes,
    &server_error::ServerError,
    // Doors that stand open, from the widest to the narrowest: whoever lets in everybody lets in everything below.
    &auth_not_enforced::AuthNotEnforced,
    &any_token_accepted::AnyTokenAccepted,
    &signature_unchecked::SignatureUnchecked,
    &expired_accepted::ExpiredAccepted,
    // A door that does not open. Causes that refuse the page rather than the credential belong before it.
    &credential_refused::CredentialRefused,
    // What is given away stays given away, whatever else is mended.
    &secret_leaked::SecretLeaked,
    &stack_trace_leaked::StackTraceLeaked,
];
