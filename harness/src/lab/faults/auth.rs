//! Authentication and authorisation.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::AuthNotEnforced)
        .shows(&["auth-open"])
        .must_fail(&["auth/missing-credential-refused"])
        .named("auth-not-enforced"),
    Fault::service(FaultId::AnyTokenAccepted)
        .shows(&["auth-any-token"])
        .must_fail(&["auth/spoilt-credential-refused"])
        .named("any-token-accepted"),
    Fault::service(FaultId::ExpiredTokenAccepted)
        .shows(&["auth-exp-ignored"])
        .must_fail(&["auth/expired-credential-refused"])
        .named("expired-accepted"),
    Fault::service(FaultId::AlgNoneAccepted)
        .shows(&["auth-alg-none"])
        .must_fail(&["auth/spoilt-credential-refused"])
        .named("signature-unchecked"),
    Fault::service(FaultId::GoodTokenRefused)
        .shows(&["auth-valid-rejected"])
        .must_fail(&["auth/good-credential-accepted", "journey/proofs"])
        .named("credential-refused"),
    Fault::service(FaultId::AuthCrashes)
        .shows(&["auth-error-500"])
        .must_fail(&["errors/no-server-error"])
        .named("auth-crashes"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "auth-signature-unchecked",
    "auth-alg-none-case",
    "auth-alg-confusion",
    "auth-exp-missing-ok",
    "auth-nbf-ignored",
    "auth-aud-ignored",
    "auth-iss-ignored",
    "auth-refresh-as-access",
    "auth-kid-injection",
    "auth-embedded-key",
    "auth-key-compare",
    "auth-test-bypass",
    "auth-internal-header",
    "auth-forwarded-trust",
    "auth-path-variant",
    "auth-role-default",
    "auth-bola",
    "auth-revoked-ok",
    "auth-token-in-query",
    "auth-login-redirect",
    "auth-missing-403",
    "auth-no-challenge",
    "auth-bad-challenge",
    "auth-scheme-case",
    "auth-verbose-reject",
    "auth-after-validation",
    "auth-no-throttle",
    "auth-callback-open",
];
