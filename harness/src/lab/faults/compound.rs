//! Compounds: one fault hides another. The one that hides must be named first, and what it explains marked so.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::{Fault, How};

/// The compounds.
pub const FAULTS: &[Fault] = &[
    Fault::new("incident-as-it-was", "The incident as it was: the call crashes bare, health sees nothing, and the contract served is not the one promised.", How::Together(&[FaultId::MissingAwait, FaultId::ContractDiffers]))
        .must_fail(&["errors/no-server-error", "cors/readable", "health/truthful", "contract/served-is-pinned"])
        .named("masked-server-error")
        .and(&["contract-drift"]),
    Fault::new("half-mended-incident", "The crash was made readable for everybody: any origin reads it, with credentials, and reads the stack trace in it.", How::Together(&[FaultId::ErrorHandlerEchoesOrigin, FaultId::StackTraceLeak]))
        .must_fail(&["errors/no-server-error", "cors/errors-do-not-echo", "errors/no-stack-trace"])
        .named("error-handler-echoes-origin")
        .and(&["stack-trace-leaked"]),
    Fault::new("crash-behind-a-preflight", "Preflights are 405, and the call behind them crashes.", How::Together(&[FaultId::Preflight405, FaultId::MissingAwait]))
        .must_fail(&["cors/preflight-allowed", "errors/no-server-error"])
        .named("masked-server-error")
        .and(&["preflight-refused"]),
    Fault::new("crash-without-any-cors", "The call crashes, and no answer at all carries CORS headers.", How::Together(&[FaultId::CorsMissingEverywhere, FaultId::ServerErrorWithCors]))
        .must_fail(&["errors/no-server-error", "cors/readable", "cors/preflight-allowed"])
        .named("masked-server-error")
        .and(&["cors-missing-everywhere"]),
    Fault::new("crash-for-an-unlisted-page", "The page is on no list, and the call that it makes crashes.", How::Together(&[FaultId::OriginNotListed, FaultId::MissingAwait]))
        .must_fail(&["errors/no-server-error", "cors/preflight-allowed"])
        .named("masked-server-error")
        .and(&["origin-not-listed"]),
    Fault::new("crash-behind-an-open-door", "Nobody is asked for a token, and the call crashes for everybody.", How::Together(&[FaultId::AuthNotEnforced, FaultId::MissingAwait]))
        .must_fail(&["errors/no-server-error"])
        .named("masked-server-error"),
    Fault::new("crash-beside-a-leak", "The call crashes, and AI health shows a part of the key.", How::Together(&[FaultId::MissingAwait, FaultId::SecretLeak]))
        .must_fail(&["errors/no-server-error", "errors/no-secret"])
        .named("masked-server-error")
        .and(&["secret-leaked"]),
    Fault::new("upstream-down-behind-liars", "The provider is down, its limit is called a 500, and health says that all is well.", How::Together(&[FaultId::HealthLies, FaultId::Upstream429As500]))
        .must_fail(&["errors/no-server-error", "health/truthful"])
        .named("upstream-failing")
        .and(&["health-lies"]),
    Fault::new("refused-and-unreadable", "The good token is refused, and the refusal cannot be read.", How::Together(&[FaultId::GoodTokenRefused, FaultId::CorsMissingOn401]))
        .must_fail(&["auth/good-credential-accepted", "cors/readable"])
        .named("cors-missing-on-errors")
        .and(&["credential-refused"]),
    Fault::new("two-open-doors", "Any token is accepted, and any website may use it.", How::Together(&[FaultId::AnyTokenAccepted, FaultId::OriginReflected]))
        .must_fail(&["auth/spoilt-credential-refused", "cors/foreign-origins-refused"])
        .named("any-token-accepted")
        .and(&["origin-reflected"]),
    Fault::new("open-to-all-and-everywhere", "Nobody is asked for a token, from any website.", How::Together(&[FaultId::AuthNotEnforced, FaultId::OriginReflected]))
        .must_fail(&["auth/missing-credential-refused", "cors/foreign-origins-refused"])
        .named("auth-not-enforced")
        .and(&["origin-reflected"]),
    Fault::new("expired-and-null", "Tokens are good for ever, and the origin null may use them.", How::Together(&[FaultId::ExpiredTokenAccepted, FaultId::NullOriginAllowed]))
        .must_fail(&["auth/expired-credential-refused", "cors/foreign-origins-refused"])
        .named("expired-accepted")
        .and(&["null-origin-trusted"]),
    Fault::new("edge-page-and-stale-health", "A proxy answers accepted calls with its page, and health is from a cache.", How::Together(&[FaultId::EdgeHtml, FaultId::HealthStale]))
        .must_fail(&["errors/no-server-error", "health/fresh"])
        .named("edge-error-page")
        .and(&["stale-health"]),
    Fault::new("dropped-and-unsigned", "Accepted calls are dropped, and unsigned tokens accepted.", How::Together(&[FaultId::DroppedConnection, FaultId::AlgNoneAccepted]))
        .must_fail(&["reach/every-request-answered"])
        .named("connection-dropped"),
    Fault::new("slow-and-leaking", "Accepted calls are too late, and AI health shows a part of the key.", How::Together(&[FaultId::Slow, FaultId::SecretLeak]))
        .must_fail(&["reach/every-request-answered", "errors/no-secret"])
        .named("too-slow")
        .and(&["secret-leaked"]),
    Fault::new("canned-and-stale", "Every transcript is the same, and health is a day old.", How::Together(&[FaultId::CannedTranscript, FaultId::HealthStale]))
        .must_fail(&["journey/follows-the-audio", "health/fresh"])
        .named("transcript-canned")
        .and(&["stale-health"]),
    Fault::new("empty-and-renamed", "Transcripts are empty, under another name than the contract has.", How::Together(&[FaultId::EmptyTranscript, FaultId::FieldRenamed]))
        .must_fail(&["contract/responses-conform", "journey/speech-is-transcribed"])
        .named("contract-drift"),
    Fault::new("contradiction-in-a-cache", "Health contradicts itself, and no answer says that it varies.", How::Together(&[FaultId::HealthContradicts, FaultId::VaryMissing]))
        .must_fail(&["health/consistent", "cors/vary-on-origin"])
        .named("health-lies")
        .and(&["vary-missing"]),
    Fault::new("preflight-asked-and-redirecting-page", "Preflights are asked for a token, and rejections cannot be read either.", How::Together(&[FaultId::PreflightRequiresAuth, FaultId::CorsMissingOn401]))
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("preflight-refused")
        .and(&["cors-missing-on-errors"]),
    Fault::new("wildcard-and-crash", "Every origin gets a wildcard with credentials, and the call crashes in JSON.", How::Together(&[FaultId::WildcardWithCredentials, FaultId::ServerErrorWithCors]))
        .must_fail(&["errors/no-server-error", "cors/readable"])
        .named("masked-server-error")
        .and(&["wildcard-with-credentials"]),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[];
