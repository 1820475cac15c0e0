//! The tree of the on-call engineer who hears "the front end says CORS error" or "transcription fails": each leaf, and the
//! causes that name it, or why no recording can show it.

/// A leaf of the tree.
#[derive(Debug, Clone, Copy)]
pub struct OnCall {
    /// Its id in the tree.
    pub id: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// The causes that name it.
    pub causes: &'static [&'static str],
    /// What is not named, and why. Empty when all of it is.
    pub open: &'static str,
}

const fn leaf(id: &'static str, what: &'static str, causes: &'static [&'static str]) -> OnCall {
    OnCall {
        id,
        what,
        causes,
        open: "",
    }
}

impl OnCall {
    const fn but(mut self, open: &'static str) -> OnCall {
        self.open = open;
        self
    }
}

/// The tree, from the name up.
pub const TREE: &[OnCall] = &[
    leaf("X1", "the checker has no network", &["own-network"]),
    leaf("N1", "the name does not resolve", &["name-does-not-exist", "name-resolution-broken", "unreachable", "own-network"]),
    leaf("N2", "the name points somewhere else", &["resolvers-disagree", "wrong-url", "certificate-for-another-name"])
        .but("whether an address belongs to the provider is not asked: a run knows no provider, and wildcard DNS resolves whatever is asked"),
    leaf("N3", "addresses refuse", &["unreachable", "dead-address"]),
    leaf("T1", "the certificate's dates", &["certificate-expired", "certificate-not-yet-valid", "certificate-runs-out", "clock-off"]),
    leaf("T2", "the certificate's names and issuer", &["certificate-for-another-name", "certificate-untrusted"]),
    leaf("T3", "the chain is not complete", &["certificate-untrusted"])
        .but("told from an own CA only by its next step: rustls says UnknownIssuer to both, and no missing intermediate is fetched"),
    leaf("T4", "a page on https, an API on http", &["mixed-content", "redirect-astray"]),
    leaf("H1", "an API route redirects", &["redirect-astray", "preflight-refused", "login-page"]),
    leaf("E1", "the edge has no instance", &["edge-error-page"]),
    leaf("E2", "cold start", &["cold-start"]),
    leaf("E3", "the edge answers, not the application", &["edge-error-page", "edge-timeout"]),
    leaf("E4", "too large", &["edge-limit", "large-body-reset", "edge-error-page", "cors-missing-on-errors"]),
    leaf("V1", "the old version is live", &["old-version-live"]),
    leaf("V2", "mixed versions", &["mixed-versions", "replica-uneven"]),
    leaf("V3", "the deploy never went live", &["old-version-live"])
        .but("from outside it looks like the old version: which step of the deploy failed, only the platform's own list of deploys tells"),
    leaf("C1", "a masked 500", &["masked-server-error"]),
    leaf("C2", "dropped without an answer", &["connection-dropped", "worker-timeout"]),
    leaf("C3", "the preflight is refused", &["preflight-refused", "edge-answers-options"]),
    leaf("C4", "the preflight allows too little", &["preflight-misses-headers", "preflight-parsed-strictly"]),
    leaf("C5", "the origin is not listed", &["origin-not-listed", "cors-missing-everywhere", "cors-headers-stripped"]),
    leaf("C6", "an opaque origin", &["null-origin-trusted"])
        .but("a service that refuses the origin null is right, so there is no failure to explain: a page that reports null must be \
              served from a host, and a profile may not name null as a client"),
    leaf("C7", "credentials", &["wildcard-with-credentials", "credentials-not-allowed"]),
    leaf("C8", "doubled headers", &["duplicate-cors-headers"]),
    leaf("C9", "Vary, and a cache that mixes origins up", &["vary-missing", "cached-for-another-origin"]),
    leaf("C10", "foreign origins are let in", &["origin-reflected", "look-alike-trusted", "error-handler-echoes-origin"]),
    leaf("C11", "some errors are bare", &["cors-missing-on-errors"]),
    leaf("A1", "the token has expired", &["credential-refused"]),
    leaf("A2", "audience or issuer differ", &["credential-refused", "claims-unchecked"]),
    leaf("A3", "clocks differ", &["clock-off", "credential-refused"]),
    leaf("A4", "auth crashes, or is not enforced", &["auth-crashes", "auth-not-enforced", "any-token-accepted"]),
    leaf("R1", "our own requests are too many", &["rate-limited"]),
    leaf("R2", "the edge keeps the checker out", &["edge-challenge"]),
    leaf("D1", "health lies", &["health-lies", "database-behind"]),
    leaf("D2", "health is not the health handler", &["health-out-of-reach"]),
    leaf("U1", "the provider's quota", &["upstream-failing"]),
    leaf("U2", "the provider's key", &["upstream-failing", "upstream-key-refused", "config-missing-500"]),
    leaf("U3", "the provider is slow", &["too-slow", "edge-timeout", "upstream-failing"]),
    leaf("U4", "media is refused", &["container-mislabelled", "edge-limit", "edge-blocks-content"]),
    leaf("F1", "passes on another attempt", &["flaky-connection", "keepalive-race", "intermittent-failure"]),
];
