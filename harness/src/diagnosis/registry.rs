//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::cors_filter_crashes::CorsFilterCrashes;
use crate::diagnosis::cors_missing_everywhere::CorsMissingEverywhere;
use crate::diagnosis::cors_missing_on_errors::CorsMissingOnErrors;
use crate::diagnosis::cors_missing_on_route::CorsMissingOnRoute;
use crate::diagnosis::credentials_not_allowed::CredentialsNotAllowed;
use crate::diagnosis::duplicate_cors_headers::DuplicateCorsHeaders;
use crate::diagnosis::error_handler_echoes_origin::ErrorHandlerEchoesOrigin;
use crate::diagnosis::look_alike_trusted::LookAlikeTrusted;
use crate::diagnosis::masked_server_error::MaskedServerError;
use crate::diagnosis::null_origin_trusted::NullOriginTrusted;
use crate::diagnosis::origin_not_listed::OriginNotListed;
use crate::diagnosis::origin_reflected::OriginReflected;
use crate::diagnosis::preflight_misses_headers::PreflightMissesHeaders;
use crate::diagnosis::preflight_refused::PreflightRefused;
use crate::diagnosis::vary_missing::VaryMissing;
use crate::diagnosis::wildcard_with_credentials::WildcardWithCredentials;

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[
    // Before the crash that it would be taken for: the same request without an origin was seen to work.
    &CorsFilterCrashes,
    &MaskedServerError,
    &DuplicateCorsHeaders,
    &CorsMissingEverywhere,
    &OriginNotListed,
    &WildcardWithCredentials,
    &CredentialsNotAllowed,
    &PreflightRefused,
    &PreflightMissesHeaders,
    &CorsMissingOnRoute,
    &CorsMissingOnErrors,
    &OriginReflected,
    &NullOriginTrusted,
    &LookAlikeTrusted,
    &ErrorHandlerEchoesOrigin,
    &VaryMissing,
];
