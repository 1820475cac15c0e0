//! What each fault must cost: the checks that must fail, and the cause that must be named first.

use orchestrate::faults::id::FaultId;

/// What a fault must cost.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The fault.
    pub fault: FaultId,
    /// The checks that must find it. Any one that does not is a miss.
    pub checks: &'static [&'static str],
    /// The cause that must be named first.
    pub cause: &'static str,
    /// Another cause that must be named, when the fault is one that hides behind a larger one.
    pub also: Option<&'static str>,
}

const fn expect(fault: FaultId, checks: &'static [&'static str], cause: &'static str) -> Expected {
    Expected {
        fault,
        checks,
        cause,
        also: None,
    }
}

/// Every fault of the service. A test compares this list with the service's own.
pub const EXPECTED: &[Expected] = &[
    expect(
        FaultId::MissingAwait,
        &[
            "errors/no-server-error",
            "cors/readable",
            "journey/proofs",
            "health/truthful",
        ],
        "masked-server-error",
    ),
    expect(
        FaultId::ServerErrorWithCors,
        &["errors/no-server-error", "journey/proofs"],
        "server-error",
    ),
    expect(
        FaultId::ErrorHandlerEchoesOrigin,
        &["errors/no-server-error", "cors/errors-do-not-echo"],
        "error-handler-echoes-origin",
    ),
    expect(
        FaultId::StackTraceLeak,
        &["errors/no-server-error", "errors/no-stack-trace"],
        "server-error",
    ),
    expect(FaultId::Base64Crash, &["errors/no-server-error"], "input-crashes"),
    expect(
        FaultId::Upstream429As500,
        &["errors/no-server-error", "journey/proofs"],
        "upstream-failing",
    ),
    expect(
        FaultId::UpstreamDown,
        &["errors/no-server-error", "journey/proofs"],
        "upstream-failing",
    ),
    expect(
        FaultId::EmptyTranscript,
        &["journey/speech-is-transcribed"],
        "transcript-empty",
    ),
    expect(
        FaultId::CannedTranscript,
        &["journey/follows-the-audio"],
        "transcript-canned",
    ),
    expect(
        FaultId::CorsMissingEverywhere,
        &["cors/preflight-allowed", "cors/readable"],
        "cors-missing-everywhere",
    ),
    expect(
        FaultId::CorsMissingOn401,
        &["cors/readable"],
        "cors-missing-on-errors",
    ),
    expect(
        FaultId::OriginNotListed,
        &["cors/preflight-allowed", "cors/readable"],
        "origin-not-listed",
    ),
    expect(
        FaultId::OriginReflected,
        &["cors/foreign-origins-refused"],
        "origin-reflected",
    ),
    expect(
        FaultId::NullOriginAllowed,
        &["cors/foreign-origins-refused"],
        "null-origin-trusted",
    ),
    expect(
        FaultId::WildcardWithCredentials,
        &["cors/preflight-allowed", "cors/readable"],
        "wildcard-with-credentials",
    ),
    expect(FaultId::VaryMissing, &["cors/vary-on-origin"], "vary-missing"),
    expect(
        FaultId::Preflight405,
        &["cors/preflight-allowed"],
        "preflight-refused",
    ),
    expect(
        FaultId::PreflightRequiresAuth,
        &["cors/preflight-allowed"],
        "preflight-refused",
    ),
    expect(
        FaultId::PreflightRedirect,
        &["cors/preflight-allowed"],
        "preflight-refused",
    ),
    expect(
        FaultId::AuthNotEnforced,
        &["auth/missing-credential-refused"],
        "auth-not-enforced",
    ),
    expect(
        FaultId::AnyTokenAccepted,
        &["auth/spoilt-credential-refused"],
        "any-token-accepted",
    ),
    expect(
        FaultId::ExpiredTokenAccepted,
        &["auth/expired-credential-refused"],
        "expired-accepted",
    ),
    expect(
        FaultId::AlgNoneAccepted,
        &["auth/spoilt-credential-refused"],
        "signature-unchecked",
    ),
    expect(
        FaultId::GoodTokenRefused,
        &["auth/good-credential-accepted", "journey/proofs"],
        "credential-refused",
    ),
    expect(FaultId::AuthCrashes, &["errors/no-server-error"], "auth-crashes"),
    Expected {
        fault: FaultId::HealthLies,
        checks: &["errors/no-server-error", "health/truthful"],
        cause: "upstream-failing",
        also: Some("health-lies"),
    },
    expect(FaultId::HealthContradicts, &["health/consistent"], "health-lies"),
    expect(FaultId::HealthStale, &["health/fresh"], "stale-health"),
    expect(FaultId::SecretLeak, &["errors/no-secret"], "secret-leaked"),
    expect(
        FaultId::FieldRenamed,
        &["contract/responses-conform", "journey/proofs"],
        "contract-drift",
    ),
    expect(
        FaultId::ContractDiffers,
        &["contract/served-is-pinned"],
        "contract-drift",
    ),
    expect(
        FaultId::EdgeHtml,
        &["errors/no-server-error", "journey/proofs"],
        "edge-error-page",
    ),
    expect(FaultId::Slow, &["reach/every-request-answered"], "too-slow"),
    expect(
        FaultId::DroppedConnection,
        &["reach/every-request-answered"],
        "connection-dropped",
    ),
];

/// Faults that cannot be shown with what the lab has, and why. They are listed, never left out in silence.
pub const NOT_SHOWN: &[(FaultId, &str)] = &[(
    FaultId::RefreshTokenAccepted,
    "no profile can name a refresh token yet, so no check asks with one",
)];
