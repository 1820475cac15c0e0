//! Why a browser refuses: one variant a reason, with the name DevTools gives it, the section of the Fetch standard that it
//! follows from, and one sentence for whoever was paged.

use crate::model::probe::Origin;

/// Which answer was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    /// The answer to a CORS-preflight request: refused, the page's own request is never sent.
    Preflight,
    /// The answer to the page's own request: refused, the server did the work and the page sees a network error.
    Response,
}

/// Why a page may not use a request header (Fetch §4.8, steps 7.6 and 7.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unlisted {
    /// The answer does not name it.
    NotListed,
    /// The answer says `*`, which never covers `Authorization` (Fetch §2.2.2, CORS non-wildcard request-header name). Chromium
    /// 156 sends the call all the same; `tests/cors_against_chromium/departures.rs` holds that difference.
    WildcardLeavesItOut,
    /// The answer says `*`, which with credentials is a literal name (Fetch §3.3.5).
    WildcardIsLiteral,
}

/// A header that a page sends and that the preflight's answer does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingHeader {
    /// Its lower-case name.
    pub name: String,
    /// How the answer fails to allow it.
    pub why: Unlisted,
}

/// The reason why a browser refuses an answer. Values are as they came, one code point per byte; only [`Display`](std::fmt::Display)
/// makes them fit to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No `Access-Control-Allow-Origin` (Fetch §4.10, step 2).
    MissingAllowOriginHeader {
        /// Which answer.
        at: At,
        /// The page's origin, as sent.
        origin: Origin,
    },
    /// `*`, though the call goes with credentials (Fetch §4.10, steps 3 and 4).
    WildcardOriginNotAllowed {
        /// Which answer.
        at: At,
        /// The page's origin, as sent.
        origin: Origin,
    },
    /// Several values, from one header or from several joined (Fetch §4.10, step 4).
    MultipleAllowOriginValues {
        /// Which answer.
        at: At,
        /// The page's origin, as sent.
        origin: Origin,
        /// The combined value.
        value: String,
    },
    /// A value that is neither an origin, nor `null`, nor `*` (Fetch §4.10, step 4).
    InvalidAllowOriginValue {
        /// Which answer.
        at: At,
        /// The page's origin, as sent.
        origin: Origin,
        /// The value.
        value: String,
    },
    /// Another origin, or this one spelt otherwise (Fetch §4.10, step 4).
    AllowOriginMismatch {
        /// Which answer.
        at: At,
        /// The page's origin, as sent.
        origin: Origin,
        /// The value.
        value: String,
    },
    /// `Access-Control-Allow-Credentials` is not exactly `true`, though the call goes with credentials (Fetch §4.10, step 6).
    InvalidAllowCredentials {
        /// Which answer.
        at: At,
        /// The page's origin, as sent.
        origin: Origin,
        /// The combined value, when there is one.
        value: Option<String>,
    },
    /// The preflight's status is outside 200 to 299 (Fetch §4.8, step 7).
    PreflightInvalidStatus {
        /// The status.
        status: u16,
    },
    /// The preflight is answered by a redirect, which is no ok status either (Fetch §4.8, step 7).
    PreflightDisallowedRedirect {
        /// The status.
        status: u16,
        /// Where it points, when it says so.
        location: Option<String>,
    },
    /// `Access-Control-Allow-Methods` is no list of methods (Fetch §4.8, step 7.3).
    InvalidAllowMethodsPreflightResponse {
        /// The header's value.
        value: String,
    },
    /// `Access-Control-Allow-Headers` is no list of header names (Fetch §4.8, step 7.3).
    InvalidAllowHeadersPreflightResponse {
        /// The header's value.
        value: String,
    },
    /// The method is not allowed (Fetch §4.8, step 7.5).
    MethodDisallowedByPreflightResponse {
        /// The method of the page's call.
        method: String,
        /// What is allowed.
        allowed: Vec<String>,
    },
    /// Request headers are not allowed (Fetch §4.8, steps 7.6 and 7.7). All of them, where a browser names the first.
    HeaderDisallowedByPreflightResponse {
        /// Every header that the page sends and that is not allowed, sorted by name; never empty.
        missing: Vec<MissingHeader>,
        /// What is allowed.
        allowed: Vec<String>,
    },
    /// A redirect of a CORS request to a URL with a user name or password (Fetch §4.5, steps 9 and 10).
    RedirectContainsCredentials {
        /// Where it points, user name and password left out.
        location: String,
    },
    /// A redirect to what is no URL (Fetch §4.5, step 5).
    InvalidRedirect {
        /// The `Location`, which may hold anything.
        location: String,
    },
    /// A redirect to a scheme other than `http` and `https` (Fetch §4.5, step 6).
    UnsafeRedirect {
        /// The scheme.
        scheme: String,
    },
    /// More than 20 redirects (Fetch §4.5, step 7).
    TooManyRedirects,
    /// HTTP 407, with which a proxy asks its user for a password: a browser never hands it to a page (Fetch §4.6, where the
    /// response's status is 407; §4.4, step 4.4, note).
    ProxyAuthenticationAsked,
}

impl Refusal {
    /// The name that DevTools shows: the DevTools protocol's `Network.CorsError`, or Chromium's net error for faults that
    /// fail before CORS is looked at.
    pub fn label(&self) -> &'static str {
        use At::{Preflight, Response};
        match self {
            Refusal::MissingAllowOriginHeader { at: Response, .. } => "MissingAllowOriginHeader",
            Refusal::MissingAllowOriginHeader { at: Preflight, .. } => "PreflightMissingAllowOriginHeader",
            Refusal::WildcardOriginNotAllowed { at: Response, .. } => "WildcardOriginNotAllowed",
            Refusal::WildcardOriginNotAllowed { at: Preflight, .. } => "PreflightWildcardOriginNotAllowed",
            Refusal::MultipleAllowOriginValues { at: Response, .. } => "MultipleAllowOriginValues",
            Refusal::MultipleAllowOriginValues { at: Preflight, .. } => "PreflightMultipleAllowOriginValues",
            Refusal::InvalidAllowOriginValue { at: Response, .. } => "InvalidAllowOriginValue",
            Refusal::InvalidAllowOriginValue { at: Preflight, .. } => "PreflightInvalidAllowOriginValue",
            Refusal::AllowOriginMismatch { at: Response, .. } => "AllowOriginMismatch",
            Refusal::AllowOriginMismatch { at: Preflight, .. } => "PreflightAllowOriginMismatch",
            Refusal::InvalidAllowCredentials { at: Response, .. } => "InvalidAllowCredentials",
            Refusal::InvalidAllowCredentials { at: Preflight, .. } => "PreflightInvalidAllowCredentials",
            Refusal::PreflightInvalidStatus { .. } => "PreflightInvalidStatus",
            Refusal::PreflightDisallowedRedirect { .. } => "PreflightDisallowedRedirect",
            Refusal::InvalidAllowMethodsPreflightResponse { .. } => "InvalidAllowMethodsPreflightResponse",
            Refusal::InvalidAllowHeadersPreflightResponse { .. } => "InvalidAllowHeadersPreflightResponse",
            Refusal::MethodDisallowedByPreflightResponse { .. } => "MethodDisallowedByPreflightResponse",
            Refusal::HeaderDisallowedByPreflightResponse { .. } => "HeaderDisallowedByPreflightResponse",
            Refusal::RedirectContainsCredentials { .. } => "RedirectContainsCredentials",
            Refusal::InvalidRedirect { .. } => "ERR_INVALID_REDIRECT",
            Refusal::UnsafeRedirect { .. } => "ERR_UNSAFE_REDIRECT",
            Refusal::TooManyRedirects => "ERR_TOO_MANY_REDIRECTS",
            Refusal::ProxyAuthenticationAsked => "ERR_UNEXPECTED_PROXY_AUTH",
        }
    }

    /// The section of the Fetch standard whose steps fail.
    pub fn section(&self) -> &'static str {
        match self {
            Refusal::MissingAllowOriginHeader { .. }
            | Refusal::WildcardOriginNotAllowed { .. }
            | Refusal::MultipleAllowOriginValues { .. }
            | Refusal::InvalidAllowOriginValue { .. }
            | Refusal::AllowOriginMismatch { .. }
            | Refusal::InvalidAllowCredentials { .. } => "Fetch §4.10, CORS check",
            Refusal::PreflightInvalidStatus { .. }
            | Refusal::PreflightDisallowedRedirect { .. }
            | Refusal::InvalidAllowMethodsPreflightResponse { .. }
            | Refusal::InvalidAllowHeadersPreflightResponse { .. }
            | Refusal::MethodDisallowedByPreflightResponse { .. }
            | Refusal::HeaderDisallowedByPreflightResponse { .. } => "Fetch §4.8, CORS-preflight fetch",
            Refusal::RedirectContainsCredentials { .. }
            | Refusal::InvalidRedirect { .. }
            | Refusal::UnsafeRedirect { .. }
            | Refusal::TooManyRedirects => "Fetch §4.5, HTTP-redirect fetch",
            Refusal::ProxyAuthenticationAsked => "Fetch §4.6, HTTP-network-or-cache fetch",
        }
    }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
