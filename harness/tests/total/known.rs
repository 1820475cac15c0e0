//! What arbitrary recordings do not reach, and why. Every check, rule and cause is asked about each of them all the same: these
//! judge nothing there, or find nothing. What stands here is reached by its unit tests and by the lab's faults.

/// Checks and rules that judge nothing in them: what it would take, which chance does not make.
pub(crate) const UNREACHED: &[(&str, &str)] = &[
    (
        "auth/published-key-is-no-secret",
        "a key set on one route and a guard on another",
    ),
    (
        "contract/deprecation-announced",
        "a served contract that deprecates what the target calls",
    ),
    (
        "contract/good-requests-accepted",
        "a proof whose body is what the contract allows",
    ),
    (
        "contract/extra-fields-ignored",
        "a proof whose body is what the contract allows",
    ),
    (
        "contract/request-fields-kept",
        "a proof whose answer repeats what the contract lets it send",
    ),
    (
        "errors/addresses-not-fetched",
        "a contract that names a field for an address",
    ),
    ("rollout/replicas-agree", "two processes that sign their answers"),
    (
        "rollout/answers-not-mixed",
        "two recordings that are heard right before a burst",
    ),
    (
        "auth/login-returns-home",
        "a contract that names a field for an address on a read",
    ),
    (
        "errors/search-survives",
        "a contract with a search on a read that works",
    ),
    (
        "cors/preflight-does-no-work",
        "a preflight and an accepted call of one operation",
    ),
    (
        "contract/served-is-pinned",
        "a served contract beside a pinned one",
    ),
    (
        "http/idempotency-kept",
        "a contract that promises a key on a call that creates",
    ),
    (
        "rollout/kept-everywhere",
        "a created resource that a documented read gives back",
    ),
    ("journey/writes-cleaned-up", "a call that created something"),
    ("auth/objects-guarded", "a created resource and a second user"),
    ("auth/readers-cannot-write", "a user who may only read"),
    (
        "auth/logout-ends-session",
        "a logout, and a credential that may be thrown away",
    ),
    (
        "auth/refresh-renews",
        "a session that may be thrown away, and what renews it",
    ),
    (
        "auth/refresh-refuses",
        "a session that may be thrown away, and what renews it",
    ),
    (
        "auth/refresh-reuse-noticed",
        "a session that may be thrown away, and what renews it",
    ),
    (
        "journey/kept-is-found",
        "a call that keeps something and says under which id",
    ),
    (
        "journey/kept-is-unaltered",
        "a call that keeps something and says under which id",
    ),
    (
        "journey/deleted-is-gone",
        "a call that keeps something and says under which id",
    ),
    (
        "journey/preview-keeps-nothing",
        "a list before and after a good call",
    ),
    (
        "http/idempotency-scoped",
        "a contract that promises a key on a call that creates, and a second user",
    ),
    ("auth/guessing-limited", "a login with a password"),
    (
        "auth/limit-not-evaded",
        "a login with a password, and a limit on it",
    ),
    (
        "caching/one-answer-per-user",
        "two users who read one route with success",
    ),
];

/// Causes that are never found in them: what it would take, which chance does not make.
pub(crate) const UNNAMED: &[(&str, &str)] = &[
    (
        "replica-uneven",
        "two processes that take turns, or one that stands still",
    ),
    (
        "crash-loop",
        "two processes that take turns, or one that stands still",
    ),
    (
        "no-drain",
        "two processes that take turns, or one that stands still",
    ),
    (
        "first-call-fails",
        "two processes that take turns, or one that stands still",
    ),
    (
        "health-blocked",
        "two processes that take turns, or one that stands still",
    ),
    (
        "loop-blocked",
        "two processes that take turns, or one that stands still",
    ),
    (
        "answers-mixed",
        "two processes that take turns, or one that stands still",
    ),
    (
        "input-hangs",
        "two processes that take turns, or one that stands still",
    ),
    (
        "http2-broken",
        "two processes that take turns, or one that stands still",
    ),
    (
        "edge-challenge",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "edge-timeout",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "edge-blocks-content",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "edge-answers-options",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "error-cached",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "database-behind",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "upstream-failing",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "upstream-key-refused",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "outage-hidden",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "config-missing-500",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "debug-mode-on",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "credential-stripped",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "mock-left-on",
        "an edge's or a provider's own words on the one answer that they explain",
    ),
    (
        "claims-unchecked",
        "one way around a guard that stands everywhere else",
    ),
    (
        "header-opens-door",
        "one way around a guard that stands everywhere else",
    ),
    (
        "path-variant-open",
        "one way around a guard that stands everywhere else",
    ),
    (
        "token-in-url",
        "one way around a guard that stands everywhere else",
    ),
    (
        "fetches-any-address",
        "one way around a guard that stands everywhere else",
    ),
    (
        "secret-file-served",
        "one way around a guard that stands everywhere else",
    ),
    (
        "trace-enabled",
        "one way around a guard that stands everywhere else",
    ),
    (
        "get-has-effects",
        "one way around a guard that stands everywhere else",
    ),
    ("cached-for-another-origin", "headers that are right but for one"),
    ("wildcard-with-credentials", "headers that are right but for one"),
    ("clock-off", "headers that are right but for one"),
    (
        "valid-request-refused",
        "a request that the contract allows, refused or half kept",
    ),
    (
        "request-field-ignored",
        "a request that the contract allows, refused or half kept",
    ),
    (
        "saves-unasked",
        "a request that the contract allows, refused or half kept",
    ),
    (
        "calls-repeated",
        "a request that the contract allows, refused or half kept",
    ),
    ("transcript-empty", "transcripts that are right but for one"),
    ("transcript-canned", "transcripts that are right but for one"),
    ("container-mislabelled", "transcripts that are right but for one"),
    ("speech-translated", "transcripts that are right but for one"),
    ("audio-misread", "transcripts that are right but for one"),
    ("text-mangled", "transcripts that are right but for one"),
    ("concepts-canned", "transcripts that are right but for one"),
    (
        "own-network",
        "every attempt failing for the checker's own reasons",
    ),
    (
        "certificate-expired",
        "a handshake refused with these very words, and nothing answered",
    ),
    (
        "certificate-not-yet-valid",
        "a handshake refused with these very words, and nothing answered",
    ),
    (
        "certificate-for-another-name",
        "a handshake refused with these very words, and nothing answered",
    ),
    (
        "certificate-untrusted",
        "a handshake refused with these very words, and nothing answered",
    ),
    ("duplicate-crashes", "a create that works once and never again"),
    (
        "edge-error-page",
        "a page in the words of a known proxy among answers of an application",
    ),
    (
        "search-crashes",
        "a contract with a search, and a crash at a broken pattern alone",
    ),
    (
        "preflight-parsed-strictly",
        "a preflight that is refused in one spelling and allowed in another",
    ),
    (
        "key-chosen-by-token",
        "a guard that refuses all but one forged token",
    ),
    ("objects-open", "a created resource and a second user"),
    ("roles-unchecked", "a user who may only read"),
    (
        "old-tls",
        "a ServerHello of old from a server of TLS that answers as well",
    ),
    (
        "logout-without-effect",
        "a logout, and a credential that may be thrown away",
    ),
    (
        "cached-for-another-user",
        "two users who read one route with success",
    ),
    (
        "login-returns-anywhere",
        "a redirect to the very address that was named",
    ),
    (
        "state-not-shared",
        "a created resource that is gone a moment later",
    ),
    (
        "idempotency-ignored",
        "a contract that promises a key on a call that creates",
    ),
    (
        "idempotency-shared",
        "a contract that promises a key on a call that creates, and a second user",
    ),
    (
        "refresh-fails",
        "a session that may be thrown away, and what renews it",
    ),
    (
        "refresh-too-trusting",
        "a session that may be thrown away, and what renews it",
    ),
    ("kept-lost", "a call that keeps something and says under which id"),
    (
        "kept-altered",
        "a call that keeps something and says under which id",
    ),
    (
        "delete-without-effect",
        "a call that keeps something and says under which id",
    ),
    ("debug-route-public", "a page of a known tool on a known route"),
    (
        "preflight-does-work",
        "preflights that take as long as the accepted call",
    ),
];
