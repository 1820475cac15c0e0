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
    ServerErrorWithCors "server-error-with-cors" "The orchestrate handler crashes; the 500 is JSON that the page can read."
    ErrorHandlerEchoesOrigin "error-handler-echoes-origin"
        "The handler of unexpected errors allows any origin, with credentials."
    StackTraceLeak "stack-trace-leak" "A 500 shows the stack trace of the crash."
    HandlerOutsideCors "handler-outside-cors"
        "The handler of unexpected errors stands outside CORS: its tidy JSON 500 cannot be read by a page."
    Base64Crash "base64-crash" "Audio that is not base64 crashes the handler: 500 instead of 400."
    // The AI provider.
    Upstream429As500 "upstream-429-as-500" "The AI provider limits our requests, and we say 500 for it."
    UpstreamDown "upstream-down" "The AI provider is down; the service says so honestly with 503."
    EmptyTranscript "empty-transcript" "Every transcription is a success with an empty text."
    CannedTranscript "canned-transcript" "Every transcription has the same text, whatever was said."
    ProviderKeyShownAs401 "provider-key-shown-as-401"
        "The AI provider refuses our key, and we tell the caller that theirs is bad: 401."
    ProviderTimeoutAs500 "provider-timeout-as-500" "The AI provider does not answer in time, and we say 500 for it."
    ProviderDownEmpty "provider-down-empty" "The AI provider is down, and every call is a success with nothing in it."
    ProviderKeyLeak "provider-key-leak"
        "A refusal of the AI provider is passed on with the address that was asked, key and all."
    ProviderWordsPassed "provider-words-passed"
        "A refusal of the AI provider is passed on in its own words: organisation, request id, model."
    ProviderNotConfigured "provider-not-configured"
        "The provider's key is not set in this deploy: the AI route fails for everybody before it looks at the caller."
    ProviderQuotaGone "provider-quota-gone" "The account at the AI provider has no credit left."
    MockLeftOn "mock-left-on" "A stand-in model answers in place of the real one."
    RetryStorm "retry-storm" "The AI provider fails, and each call asks it six times, retries inside retries."
    ChargedTwice "charged-twice" "Each call to the AI provider is made twice, and paid twice."
    ProviderLate "provider-late"
        "The AI provider does not answer in time; the service gives up on it and says so honestly with 504."
    RetryAfterMissing "retry-after-missing" "The AI provider is down, and the 503 does not say when to try again."
    // Speech, and what is found in it.
    SilenceInvented "silence-invented" "Silence is transcribed as a phrase that nobody said."
    SilenceCrash "silence-crash" "A recording in which nobody speaks crashes the handler."
    LanguageIgnored "language-ignored" "The language that was asked for is not passed on: everything is heard as English."
    SpeechTranslated "speech-translated" "Speech is translated into English in place of being transcribed."
    ContainerMislabelled "container-mislabelled"
        "Every recording is sent on as audio.wav, so the provider cannot read what browsers record."
    ResponseFormatRefused "response-format-refused"
        "The model refuses the form of answer that it is asked for, and that crashes the handler."
    LanguageTagRefused "language-tag-refused"
        "The language is passed on with its region, as pages send it; the provider refuses that, and the refusal is a 500."
    TailLost "tail-lost" "Only the first seconds of a recording are transcribed."
    ProviderLimitCrash "provider-limit-crash"
        "Audio that is too large for the AI provider is a 500 in place of a 413 (the limit is scaled down)."
    ConceptsEmpty "concepts-empty" "No text yields any concept, and nobody says why."
    ConceptsCanned "concepts-canned" "Every text yields the same concepts."
    ModelJsonCrash "model-json-crash" "The model answers in prose where JSON was asked for, and that crashes the handler."
    PartialSuccess "partial-success" "Concepts fail, and the answer is a 200 with the error inside."
    TimeLie "time-lie" "The processing time is a thousand times too long: microseconds are called milliseconds."
    SavesUnasked "saves-unasked" "A preview is kept, although the call says that nothing shall be."
    NanInAnswer "nan-in-answer" "A number that could not be computed is written into the answer as NaN, which is no JSON."
    UnicodeMangled "unicode-mangled"
        "A text goes through an encoding of eight bits: every letter beyond it comes back as a question mark."
    // Input that the handler trusts.
    ValidationCrash "validation-crash"
        "The handler of refusals cannot show bytes that are no text, and its crash is answered outside of every layer."
    NulCrash "nul-crash" "A NUL character in a text crashes the store."
    SurrogateCrash "surrogate-crash" "Half of a surrogate pair in a text crashes the encoding of the answer."
    BrokenJsonCrash "broken-json-crash" "A body that is no JSON crashes the parser."
    EmptyBodyCrash "empty-body-crash" "An empty body crashes the parser."
    WrongTypeCrash "wrong-type-crash" "A number where text belongs crashes the handler."
    NullCrash "null-crash" "null in place of an optional field crashes the handler."
    NoInputCrash "no-input-crash" "A request with neither text nor audio crashes the handler."
    DeepNestingCrash "deep-nesting-crash" "Deeply nested JSON crashes the parser."
    MediaTypeLoose "media-type-loose" "The body is read as JSON whatever its Content-Type says."
    OversizeCrash "oversize-crash"
        "A recording above the limit crashes the reader in place of a 413 (the limit is scaled down)."
    AudioUnlimited "audio-unlimited" "No limit on recordings is kept (it is scaled down)."
    MarkupEchoed "markup-echoed" "The page for an unknown route repeats the address as HTML."
    AddressFetched "address-fetched" "The service fetches whatever address a caller names, inner ones too."
    LongAddressCrash "long-address-crash" "A long address crashes the router in place of a 414."
    EmojiCrash "emoji-crash" "A text with an emoji crashes the store, whose characters have three bytes at most."
    Base64Guessed "base64-guessed" "Audio in another spelling of base64 is decoded to noise, and the noise is transcribed."
    LabelBelieved "label-believed"
        "A recording is read as what its data: URL calls it; under a wrong name it crashes the decoder."
    LimitOffByOne "limit-off-by-one"
        "A recording of exactly the promised size is refused with 422 as too large (the limit is scaled down)."
    QueryEchoed "query-echoed" "The page for an unknown route repeats the query as HTML."
    DataUrlCrash "data-url-crash" "Audio as a data: URL, as browsers make it, crashes the decoder."
    EmptyAudioHang "empty-audio-hang" "Empty audio is waited for, and never comes."
    EmptyAudioCrash "empty-audio-crash" "Empty audio crashes the decoder."
    CodecCrash "codec-crash" "Bytes that are no audio crash the decoder."
    TruncatedAccepted "truncated-accepted" "A recording that was cut off on its way is taken as if it were whole."
    EmptyTextCrash "empty-text-crash" "An empty text is taken for no text, and the missing audio crashes the handler."
    // CORS: who may read.
    CorsMissingEverywhere "cors-missing-everywhere" "No answer carries CORS headers."
    CorsMissingOn401 "cors-missing-on-401" "Rejections are answered outside CORS: a page cannot see that its token expired."
    OriginNotListed "origin-not-listed"
        "The allow-list holds the origin with a trailing slash and with www., never as browsers send it."
    OriginReflected "origin-reflected" "Any origin is allowed, with credentials."
    NullOriginAllowed "null-origin-allowed" "The origin null is allowed, with credentials."
    WildcardWithCredentials "wildcard-with-credentials"
        "Every origin is answered with * and credentials, which browsers refuse."
    VaryMissing "vary-missing" "Answers depend on the origin and do not say so to caches."
    OriginFixed "origin-fixed" "The first origin of the list is sent to every page, whoever asks."
    OriginSentTwice "origin-sent-twice" "The service and the proxy in front of it each add Access-Control-Allow-Origin."
    OriginsInOneHeader "origins-in-one-header" "The whole list of origins is sent in one header."
    OriginWithSlash "origin-with-slash" "The allowed origin is sent as a URL, with a slash at its end."
    CredentialsMisspelt "credentials-misspelt"
        "Access-Control-Allow-Credentials says True, as a language prints it, and not true."
    CredentialsOnPreflightOnly "credentials-on-preflight-only"
        "Credentials are allowed on the preflight and not on the answer itself."
    ActualBare "actual-bare"
        "The preflight of orchestrate is answered by the CORS layer, the call itself by something outside of it."
    RouteBare "route-bare" "CORS is mounted on the router of health, and the router under /ai has none."
    CorsOnPreflightOnly "cors-on-preflight-only"
        "A gateway answers every preflight with CORS headers, and the service behind it sends none."
    CorsFilterRaises "cors-filter-raises" "The CORS filter fails on every request that has an Origin."
    OddOriginCrashes "odd-origin-crashes" "The CORS filter takes every Origin for ASCII, and fails on any other."
    TimingClosed "timing-closed" "Timing-Allow-Origin names another environment's page."
    VaryClobbered "vary-clobbered" "CORS writes its Vary over the one that compression has set."
    CachedForFirstOrigin "cached-for-first-origin"
        "A cache in front ignores Vary and gives the first caller's CORS headers to everybody."
    // CORS: errors that are written outside of it.
    CorsMissingOn403 "cors-missing-on-403"
        "A gateway in front refuses bad tokens with a 403 of its own, without CORS headers."
    CorsMissingOn404 "cors-missing-on-404" "Unknown routes and methods are answered outside CORS."
    CorsMissingOn413 "cors-missing-on-413"
        "A proxy in front refuses uploads above one megabyte with a page of its own, without CORS headers."
    CorsMissingOn429 "cors-missing-on-429" "A limiter of failed logins stands outside CORS."
    CorsMissingOnParseErrors "cors-missing-on-parse-errors"
        "Bodies are parsed before CORS is applied, so that complaints about them cannot be read."
    // CORS: careless comparisons of origins.
    OriginReflectedOpen "origin-reflected-open" "Any origin is allowed, without credentials."
    OriginByPrefix "origin-by-prefix" "Origins are compared by their beginning."
    OriginBySuffix "origin-by-suffix" "Origins are compared by their end, without a dot before it."
    OriginByPattern "origin-by-pattern" "Origins are compared with a pattern whose dot stands for anything."
    OriginHttpTwin "origin-http-twin" "The plain-http twin of the page's origin is allowed."
    OriginAnySubdomain "origin-any-subdomain" "Every subdomain of the page's host is allowed."
    LocalhostAllowed "localhost-allowed" "The origins of development servers are on the list."
    JsonAsText "json-as-text" "JSON is accepted under any media type, so that no preflight guards it."
    // CORS: the preflight.
    AuthorizationNotAllowed "authorization-not-allowed" "The list of allowed request headers lacks Authorization."
    HeadersByStar "headers-by-star" "The list of allowed request headers is a star."
    HeadersParsedStrictly "headers-parsed-strictly"
        "Request headers are looked up as people write them, and browsers send them in lower case without spaces."
    HeadersByAnyMatch "headers-by-any-match" "A preflight passes when any one of its headers is known."
    MethodNotAllowed "method-not-allowed" "PUT works, and the list of allowed methods lacks it."
    MaxAgeInvalid "max-age-invalid" "Access-Control-Max-Age is no number of seconds."
    PreflightWorks "preflight-works" "OPTIONS runs the operation: a preflight takes as long as the work."
    Preflight405 "preflight-405" "Preflights reach the router, which has no OPTIONS there."
    PreflightRequiresAuth "preflight-requires-auth" "Preflights are asked for a token, which browsers never send with them."
    PreflightRedirect "preflight-redirect" "Preflights are redirected, which browsers refuse to follow."
    // Who is let in.
    AuthNotEnforced "auth-not-enforced" "Nobody is asked for a token."
    AnyTokenAccepted "any-token-accepted" "Any text is accepted as a token."
    ExpiredTokenAccepted "expired-token-accepted" "Tokens are good for ever."
    RefreshTokenAccepted "refresh-token-accepted" "A refresh token is accepted as an access token."
    AlgNoneAccepted "alg-none-accepted" "Unsigned tokens are accepted."
    GoodTokenRefused "good-token-refused" "The service verifies with another secret than its tokens are signed with."
    AuthCrashes "auth-crashes" "A token that cannot be read crashes the check: 500 instead of 401."
    SignatureUnchecked "signature-unchecked" "Tokens are read, and their signature is not verified."
    AlgNoneInAnotherCase "alg-none-in-another-case"
        "Unsigned tokens are refused by the word none, and accepted as None, NONE or nOnE."
    PublicKeyAsSecret "public-key-as-secret"
        "The token chooses its algorithm, so the published key is accepted as an HMAC secret."
    ExpiryNotRequired "expiry-not-required" "Tokens without an expiry are accepted, and never die."
    NotBeforeIgnored "not-before-ignored" "Tokens are accepted before they are valid."
    AudienceIgnored "audience-ignored" "Tokens for another service are accepted."
    IssuerIgnored "issuer-ignored" "Tokens from another issuer are accepted."
    KidIsAPath "kid-is-a-path" "The token's kid is the path of the file that holds the key, so /dev/null is an empty key."
    KidCrashes "kid-crashes" "The token's kid is put into a query as it is, and a quote in it crashes the check."
    EmbeddedKeyTrusted "embedded-key-trusted" "A token is verified with the key that it brings along."
    KeyComparedLoosely "key-compared-loosely" "A fixed key is compared by its beginning, without regard to case."
    KeysDiffer "keys-differ" "Every other good token is refused: instances hold different secrets."
    TestUserHeader "test-user-header" "A header of the test suite stands for a token, in production too."
    DevLoginLive "dev-login-live" "The login of developers is live: it gives a token to whoever asks."
    DevTokenLive "dev-token-live" "The route that makes tokens for developers is live: it gives one to whoever asks."
    InternalHeaderTrusted "internal-header-trusted"
        "A header that the framework sets for itself skips the guard when a stranger sends it."
    OriginalUrlTrusted "original-url-trusted" "The guard looks at the path, the router at X-Original-URL."
    ForwardedHeaderTrusted "forwarded-header-trusted" "Whoever says that he is forwarded for 127.0.0.1 is let in."
    PathVariantOpen "path-variant-open" "The guard knows one spelling of the path, the router several."
    TokenInQuery "token-in-query" "A token is accepted in the URL."
    AuthorizationStripped "authorization-stripped" "A proxy in front drops the Authorization header."
    LoginRedirect "login-redirect" "Whoever has no good token is sent to a login page."
    Missing403 "missing-403" "A missing token is answered 403."
    NoChallenge "no-challenge" "A 401 does not say how to authenticate."
    BareChallenge "bare-challenge" "The challenge does not tell a bad token from a missing one."
    SchemeCase "scheme-case" "The scheme is compared letter by letter, so `bearer` is refused."
    VerboseRefusal "verbose-refusal" "A refusal shows the hash of the key and the table in which it was looked up."
    InputBeforeAuth "input-before-auth"
        "The body is validated before the token, so strangers are told which fields there are."
    // Health.
    HealthLies "health-lies" "The AI provider is down, and every health route says that all is well."
    HealthContradicts "health-contradicts" "Health says healthy and 200, and in the same body that the database failed."
    HealthStale "health-stale" "Health is answered from a cache, a day old."
    HealthUnhealthy "health-unhealthy" "The database is gone, and health says so."
    HealthHealthyAs503 "health-healthy-as-503" "Health says healthy, with the status code 503."
    HealthUnhealthyAs200 "health-unhealthy-as-200" "Health says unhealthy, with the status code 200."
    HealthNeedsAuth "health-needs-auth" "Health is behind the guard like everything else."
    HealthRedirects "health-redirects" "Health is redirected to a login page."
    HealthIsAPage "health-is-a-page" "Health is answered by the web page of the front end."
    WrongService "wrong-service" "The whole host is answered by the front end's page."
    HealthShowsInternals "health-shows-internals" "Health shows the driver's last error, with the database's address."
    HealthSlow "health-slow" "Health looks at something slow, without a time limit."
    HealthBlocked "health-blocked" "Health waits behind the calls that are being worked on."
    HealthPays "health-pays" "Every health poll makes the call that is paid for."
    HealthHeadMissing "health-head-missing" "HEAD on the health route is 404."
    VersionAbsent "version-absent" "Nothing says which build answers."
    HealthFlaps "health-flaps" "Every other health answer says unhealthy."
    SecretLeak "secret-leak" "AI health shows the beginning of the provider's key."
    // The contract.
    FieldRenamed "field-renamed" "The transcript's text is called something else than the contract says."
    ContractDiffers "contract-differs" "The served OpenAPI document lacks a field that the committed one has."
    FieldRemoved "field-removed" "The answer no longer says how long it took."
    FieldTypeChanged "field-type-changed" "The time that it took is text instead of a number."
    FieldNull "field-null" "The model that found the concepts is null."
    FieldEnumGrew "field-enum-grew" "The workflow of written words has a name that the contract does not list."
    FieldSometimesMissing "field-sometimes-missing" "Only answers to recordings lack the time that it took."
    FieldFormatChanged "field-format-changed" "Health writes its time as an HTTP date instead of RFC 3339."
    ContentTypeWrong "content-type-wrong" "Results are JSON that is labelled text/plain."
    ErrorShapeChanged "error-shape-changed" "Validation errors have a shape of their own."
    StatusUndocumented "status-undocumented" "Success is 202, which the contract does not document."
    DefaultChanged "default-changed"
        "Whoever does not name the kind of entity gets another one than before, and the served document says so."
    // The served document.
    SpecMissing "spec-missing" "The OpenAPI document is not served."
    SpecCrashes "spec-crashes" "Building the OpenAPI document crashes."
    SpecHides500 "spec-hides-500" "The OpenAPI document lists 500 as an answer to expect."
    SpecServerInternal "spec-server-internal" "The OpenAPI document sends clients to a host inside the cluster."
    PathNotServed "path-not-served" "A documented path is not routed."
    PrefixMoved "prefix-moved" "The whole API moved from /api/v3 to /v3."
    DeprecationSilent "deprecation-silent" "The document calls an operation deprecated, and its answers do not say so."
    // What requests are taken.
    RequestFieldRequired "request-field-required" "Requests without a curator are refused, which the contract allows."
    RequestFieldIgnored "request-field-ignored"
        "The entity's id is read under another name, so the one that clients send has no effect."
    RequestExtraRefused "request-extra-refused" "Fields that the service does not know are refused."
    NumbersTakenForText "numbers-taken-for-text" "A number is accepted where the contract wants text."
    ValidRequestRefused "valid-request-refused" "A language without a region is refused, which the contract allows."
    // Caches.
    CacheAuthedPublic "cache-authed-public" "Answers to a token may be stored by shared caches."
    CachedError "cached-error" "A cache goes on answering with the error of an outage that is over."
    NoStoreAbsent "no-store-absent" "No answer carries Cache-Control."
    EtagFixed "etag-fixed" "The same strong ETag stands on different contents."
    // What is given away.
    DebugPage "debug-page" "Unknown routes get the framework's debug page."
    ServerBanner "server-banner" "Every answer tells the versions of the software behind it."
    NosniffMissing "nosniff-missing" "No answer forbids browsers to guess its media type."
    CookieUnsafe "cookie-unsafe" "The session cookie can be read by scripts."
    CookieSameSiteLax "cookie-same-site-lax"
        "The session cookie is not sent by pages of other sites, where the client lives."
    SecretFiles "secret-files" "The repository and the file of secrets are served beside the API."
    DebugRoutes "debug-routes" "Metrics and the environment are served to everybody, beside the API."
    DebugPages "debug-pages" "Pages of the profiler and of the web server's status are served to everybody, beside the API."
    // HTTP itself.
    MethodAccepted "method-accepted" "Any method is a success."
    AllowMissing "allow-missing" "405 does not say which methods there are."
    HeadDiffers "head-differs" "HEAD is 404 where GET is 200."
    TraceEchoes "trace-echoes" "TRACE echoes the request."
    GetHasEffects "get-has-effects" "GET does what POST does."
    ErrorAs200 "error-as-200" "Refused input is answered 200, with the error in the body."
    ProblemMalformed "problem-malformed" "Problem details give another status than the answer has."
    RequestIdMissing "request-id-missing" "No answer names its request."
    RequestIdConstant "request-id-constant" "Every answer names the same request."
    RequestIdUnchecked "request-id-unchecked" "Whatever a client calls its request is echoed."
    TraceparentCrash "traceparent-crash" "A malformed traceparent crashes the request."
    RetryAfterBad "retry-after-bad" "Retry-After holds words."
    RateLimitLies "rate-limit-lies" "The rate limit's remainder is above the limit."
    TimeNaive "time-naive" "Health's time has no zone."
    ClockOff "clock-off" "The clock is ten minutes behind."
    JsonLatin1 "json-latin-1" "JSON is written in ISO 8859-1."
    NoContentWithLength "no-content-with-length" "204 says how long its content is."
    // In front of the service.
    EdgeHtml "edge-html" "A proxy answers accepted calls with its own 502 page."
    Slow "slow" "Accepted calls are answered too late."
    DroppedConnection "dropped-connection" "Accepted calls end with a closed connection and not one byte."
    // What is kept, deleted and repeated.
    KeptNowhere "kept-nowhere" "A run is answered as kept, under an id, and its transaction is never committed."
    KeptFieldLost "kept-field-lost" "The entity of a kept run is lost between two spellings of its name."
    KeptTextCut "kept-text-cut" "The column for texts is too short, and the database cuts what does not fit."
    KeptOffList "kept-off-list" "What is kept can be read by its id, and no list shows it."
    DeleteKeeps "delete-keeps" "A deletion is answered as done, and deletes nothing."
    PreviewKept "preview-kept" "A preview is answered as not kept, and a draft of it is."
    KeyNotKept "key-not-kept" "The Idempotency-Key of a run that is kept is not looked at: a repeat keeps it twice, and pays twice."
    KeyWithoutBody "key-without-body" "Another request under the same Idempotency-Key gets the answer of the first, and is never done."
    KeyWithoutCaller "key-without-caller" "Whoever sends another caller's Idempotency-Key gets that caller's answer."
    // Sessions.
    RefreshCrashes "refresh-crashes" "Renewing a session crashes, whatever refresh token is shown."
    RefreshUseless "refresh-useless" "Renewed access tokens are signed with another secret than they are verified with."
    RefreshTakesAccess "refresh-takes-access" "An access token renews a session as well as a refresh token does."
    RefreshReusable "refresh-reusable" "A refresh token that was used renews its session again."
    RefreshTheftForgiven "refresh-theft-forgiven" "A refresh token that was used is refused, and its session goes on."
    // The AI provider, told apart and answered honestly: what a deploy is not to be blamed for.
    ProviderKeyRefused "provider-key-refused" "The AI provider refuses the key of this environment; the service says so with 502."
    ProviderAsksForMoney "provider-asks-for-money" "The AI provider answers 402: the account is out of credit."
    ProviderLimits "provider-limits" "The AI provider limits how often it is asked; the service says so with 503 and passes on how long."
    ProviderCrashes "provider-crashes" "The AI provider answers 500; the service says so with 503."
    ProviderDrips "provider-drips" "The AI provider sends its answer byte by byte; the service gives up on it with 504."
    ProviderCutShort "provider-cut-short" "The AI provider's JSON ends in the middle; the service says so with 502."
    ProviderSendsPage "provider-sends-page" "The AI provider answers 200 with an HTML page; the service says so with 502."
    ProviderModelGone "provider-model-gone" "The AI provider does not know the model any more; the service says so with 502."
    // Several callers, and what came before.
    Crosstalk "crosstalk" "Requests that are worked on at once get each other's result."
    PoolExhausted "pool-exhausted" "Every accepted call takes a connection from a pool and never gives it back."
    LoopBlocked "loop-blocked" "One accepted call stops all other requests for as long as it is worked on."
    MigrationMissing "migration-missing" "The database lacks a column that this build writes: saving fails, health is well."
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
