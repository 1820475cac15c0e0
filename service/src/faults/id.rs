//! The registry: every fault's id and one sentence about it.

use std::fmt;
use std::str::FromStr;

/// Declares the faults once: the enum, its list, ids and sentences.
macro_rules! faults {
    ($($name:ident $id:literal $sentence:literal)*) => {
        /// One fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultId {
            $(#[doc = $sentence] $name,)*
        }

        impl FaultId {
            /// Every fault, by family.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The id, as typed after `--fault`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What is wrong, in one sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

faults! {
    // Errors of the server itself.
    MissingAwait "missing-await"
        "An unhandled error in the orchestrate handler is answered outside every layer: bare 500, no CORS, connection closed."
    ServerErrorWithCors "server-error-with-cors"
        "The orchestrate handler crashes; the 500 is JSON that the page can read."
    ErrorHandlerEchoesOrigin "error-handler-echoes-origin"
        "The handler of unexpected errors allows any origin, with credentials."
    StackTraceLeak "stack-trace-leak"
        "A 500 shows the stack trace of the crash."
    HandlerOutsideCors "handler-outside-cors"
        "The handler of unexpected errors stands outside CORS: its tidy JSON 500 cannot be read by a page."
    Base64Crash "base64-crash"
        "Audio that is not base64 crashes the handler: 500 instead of 400."
    // The AI provider.
    Upstream429As500 "upstream-429-as-500"
        "The AI provider limits our requests, and we say 500 for it."
    UpstreamDown "upstream-down"
        "The AI provider is down; the service says so honestly with 503."
    EmptyTranscript "empty-transcript"
        "Every transcription is a success with an empty text."
    CannedTranscript "canned-transcript"
        "Every transcription has the same text, whatever was said."
    // CORS: who may read.
    CorsMissingEverywhere "cors-missing-everywhere"
        "No answer carries CORS headers."
    CorsMissingOn401 "cors-missing-on-401"
        "Rejections are answered outside CORS: a page cannot see that its token expired."
    OriginNotListed "origin-not-listed"
        "The allow-list holds the origin with a trailing slash and with www., never as browsers send it."
    OriginReflected "origin-reflected"
        "Any origin is allowed, with credentials."
    NullOriginAllowed "null-origin-allowed"
        "The origin null is allowed, with credentials."
    WildcardWithCredentials "wildcard-with-credentials"
        "Every origin is answered with * and credentials, which browsers refuse."
    VaryMissing "vary-missing"
        "Answers depend on the origin and do not say so to caches."
    OriginFixed "origin-fixed"
        "The first origin of the list is sent to every page, whoever asks."
    OriginSentTwice "origin-sent-twice"
        "The service and the proxy in front of it each add Access-Control-Allow-Origin."
    OriginsInOneHeader "origins-in-one-header"
        "The whole list of origins is sent in one header."
    OriginWithSlash "origin-with-slash"
        "The allowed origin is sent as a URL, with a slash at its end."
    CredentialsMisspelt "credentials-misspelt"
        "Access-Control-Allow-Credentials says True, as a language prints it, and not true."
    CredentialsOnPreflightOnly "credentials-on-preflight-only"
        "Credentials are allowed on the preflight and not on the answer itself."
    ActualBare "actual-bare"
        "The preflight of orchestrate is answered by the CORS layer, the call itself by something outside of it."
    RouteBare "route-bare"
        "CORS is mounted on the router of health, and the router under /ai has none."
    CorsOnPreflightOnly "cors-on-preflight-only"
        "A gateway answers every preflight with CORS headers, and the service behind it sends none."
    CorsFilterRaises "cors-filter-raises"
        "The CORS filter fails on every request that has an Origin."
    OddOriginCrashes "odd-origin-crashes"
        "The CORS filter takes every Origin for ASCII, and fails on any other."
    TimingClosed "timing-closed"
        "Timing-Allow-Origin names another environment's page."
    VaryClobbered "vary-clobbered"
        "CORS writes its Vary over the one that compression has set."
    CachedForFirstOrigin "cached-for-first-origin"
        "A cache in front ignores Vary and gives the first caller's CORS headers to everybody."
    // CORS: errors that are written outside of it.
    CorsMissingOn403 "cors-missing-on-403"
        "A gateway in front refuses bad tokens with a 403 of its own, without CORS headers."
    CorsMissingOn404 "cors-missing-on-404"
        "Unknown routes and methods are answered outside CORS."
    CorsMissingOn413 "cors-missing-on-413"
        "A proxy in front refuses uploads above one megabyte with a page of its own, without CORS headers."
    CorsMissingOn429 "cors-missing-on-429"
        "A limiter of failed logins stands outside CORS."
    CorsMissingOnParseErrors "cors-missing-on-parse-errors"
        "Bodies are parsed before CORS is applied, so that complaints about them cannot be read."
    // CORS: careless comparisons of origins.
    OriginReflectedOpen "origin-reflected-open"
        "Any origin is allowed, without credentials."
    OriginByPrefix "origin-by-prefix"
        "Origins are compared by their beginning."
    OriginBySuffix "origin-by-suffix"
        "Origins are compared by their end, without a dot before it."
    OriginByPattern "origin-by-pattern"
        "Origins are compared with a pattern whose dot stands for anything."
    OriginHttpTwin "origin-http-twin"
        "The plain-http twin of the page's origin is allowed."
    OriginAnySubdomain "origin-any-subdomain"
        "Every subdomain of the page's host is allowed."
    LocalhostAllowed "localhost-allowed"
        "The origins of development servers are on the list."
    JsonAsText "json-as-text"
        "JSON is accepted under any media type, so that no preflight guards it."
    // CORS: the preflight.
    AuthorizationNotAllowed "authorization-not-allowed"
        "The list of allowed request headers lacks Authorization."
    HeadersByStar "headers-by-star"
        "The list of allowed request headers is a star."
    HeadersParsedStrictly "headers-parsed-strictly"
        "Request headers are looked up as people write them, and browsers send them in lower case without spaces."
    HeadersByAnyMatch "headers-by-any-match"
        "A preflight passes when any one of its headers is known."
    MethodNotAllowed "method-not-allowed"
        "PUT works, and the list of allowed methods lacks it."
    MaxAgeInvalid "max-age-invalid"
        "Access-Control-Max-Age is no number of seconds."
    PreflightWorks "preflight-works"
        "OPTIONS runs the operation: a preflight takes as long as the work."
    Preflight405 "preflight-405"
        "Preflights reach the router, which has no OPTIONS there."
    PreflightRequiresAuth "preflight-requires-auth"
        "Preflights are asked for a token, which browsers never send with them."
    PreflightRedirect "preflight-redirect"
        "Preflights are redirected, which browsers refuse to follow."
    // Who is let in.
    AuthNotEnforced "auth-not-enforced"
        "Nobody is asked for a token."
    AnyTokenAccepted "any-token-accepted"
        "Any text is accepted as a token."
    ExpiredTokenAccepted "expired-token-accepted"
        "Tokens are good for ever."
    RefreshTokenAccepted "refresh-token-accepted"
        "A refresh token is accepted as an access token."
    AlgNoneAccepted "alg-none-accepted"
        "Unsigned tokens are accepted."
    GoodTokenRefused "good-token-refused"
        "The service verifies with another secret than its tokens are signed with."
    AuthCrashes "auth-crashes"
        "A token that cannot be read crashes the check: 500 instead of 401."
    // Health.
    HealthLies "health-lies"
        "The AI provider is down, and every health route says that all is well."
    HealthContradicts "health-contradicts"
        "Health says healthy and 200, and in the same body that the database failed."
    HealthStale "health-stale"
        "Health is answered from a cache, a day old."
    SecretLeak "secret-leak"
        "AI health shows the beginning of the provider's key."
    // The contract.
    FieldRenamed "field-renamed"
        "The transcript's text is called something else than the contract says."
    ContractDiffers "contract-differs"
        "The served OpenAPI document lacks a field that the committed one has."
    // In front of the service.
    EdgeHtml "edge-html"
        "A proxy answers accepted calls with its own 502 page."
    Slow "slow"
        "Accepted calls are answered too late."
    DroppedConnection "dropped-connection"
        "Accepted calls end with a closed connection and not one byte."
}

/// What was typed is no fault's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault {0:?}: `orchestrate faults` lists them")]
pub struct UnknownFault(pub(crate) String);

impl FromStr for FaultId {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.id() == text)
            .ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_kebab_case_and_parse_back() {
        let ids: BTreeSet<&str> = FaultId::ALL.iter().map(|fault| fault.id()).collect();
        assert_eq!(ids.len(), FaultId::ALL.len());
        for fault in FaultId::ALL {
            assert!(
                fault
                    .id()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert_eq!(fault.id().parse(), Ok(*fault));
            assert!(fault.sentence().ends_with('.'), "{fault}");
        }
        assert!("nope".parse::<FaultId>().is_err());
    }
}
