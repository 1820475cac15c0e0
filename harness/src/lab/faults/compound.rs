//! Compounds: one fault hides another. The one that hides must be named first, and what it explains marked so.

use orchestrate::faults::id::FaultId;

use crate::lab::edge::tls::Shown;
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Behind, Edge, Front};
use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::faults::edge::SMALL;
use crate::lab::faults::rollout::expecting;

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
        .must_fail(&["errors/no-server-error", "auth/spoilt-credential-refused"])
        .named("masked-server-error")
        .and(&["any-token-accepted"]),
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
        .named("connection-dropped")
        .and(&["signature-unchecked"]),
    Fault::new("slow-and-leaking", "Accepted calls are too late, and AI health shows a part of the key.", How::Together(&[FaultId::Slow, FaultId::SecretLeak]))
        .must_fail(&["reach/every-request-answered", "errors/no-secret"])
        .named("too-slow")
        .and(&["secret-leaked"]),
    Fault::new("canned-and-stale", "Every transcript is the same, and health is a day old.", How::Together(&[FaultId::CannedTranscript, FaultId::HealthStale]))
        .must_fail(&["journey/follows-the-audio", "health/fresh"])
        .named("transcript-canned")
        .and(&["stale-health"]),
    Fault::new("empty-and-incomplete", "Transcripts are empty, and the answer lacks how long it took.", How::Together(&[FaultId::EmptyTranscript, FaultId::FieldRemoved]))
        .must_fail(&["contract/responses-conform", "journey/speech-is-transcribed"])
        .named("contract-drift")
        .and(&["transcript-empty"]),
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
    Fault::new("cached-and-never-said-to-vary", "A cache gives the first caller's CORS headers to everybody, and the answers do not say that they vary.", How::Together(&[FaultId::VaryMissing, FaultId::CachedForFirstOrigin]))
        .must_fail(&["cors/cached-for-each-origin", "cors/vary-on-origin"])
        .named("cached-for-another-origin")
        .and(&["vary-missing"]),
    Fault::new("refused-upstream-and-unreadable", "The provider refuses our key, the caller is told that theirs is bad, and cannot read even that.", How::Together(&[FaultId::ProviderKeyShownAs401, FaultId::CorsMissingOn401]))
        .must_fail(&["journey/proofs", "cors/readable"])
        .named("upstream-key-refused")
        .and(&["cors-missing-on-errors"]),
    Fault::new("slow-health-behind-a-page", "The proxy answers accepted calls with its page, and health looks at something slow, so the platform restarts what is well.", How::Together(&[FaultId::HealthSlow, FaultId::EdgeHtml]))
        .must_fail(&["errors/no-server-error", "health/quick"])
        .named("edge-error-page")
        .and(&["health-slow"]),
    Fault::edge(
        "old-version-broken",
        "The build before the deployed one goes on answering, and fails.",
        Edge::that(Twist::None)
            .before(Behind::Builds(&["0ddba11"]))
            .with(&[FaultId::MissingAwait]),
    )
    .with(expecting)
    .must_fail(&["version/expected", "errors/no-server-error"])
    .named("old-version-live")
    .explaining(&["errors/no-server-error", "cors/readable"]),
    Fault::edge(
        "small-limit-and-unreadable",
        "A proxy refuses recordings, the service refuses whoever is not logged in, and no page can read either refusal.",
        Edge::that(Twist::Limit(SMALL)).with(&[FaultId::CorsMissingOn401]),
    )
    .must_fail(&["journey/speech-is-transcribed", "cors/readable"])
    .named("edge-limit")
    .and(&["cors-missing-on-errors"])
    .explaining(&["cors/readable"]),
    Fault::edge(
        "mixed-versions-of-a-field",
        "Two builds answer in turn, and a field is text in one and a number in the other.",
        Edge::that(Twist::None).before(Behind::Two(|other| {
            other.build.commit = Some("0ddba11".repeat(6).chars().take(40).collect());
            other.faults = [FaultId::FieldTypeChanged].into_iter().collect();
        })),
    )
    .must_fail(&["rollout/one-build", "contract/responses-conform"])
    .named("mixed-versions")
    .explaining(&["contract/responses-conform"]),
    Fault::edge(
        "downgraded-and-reflected",
        "The work is redirected to http, and every website is allowed whatever is not redirected.",
        Edge::that(Twist::RedirectsInside)
            .over(Front::Tls(Shown::Good))
            .with(&[FaultId::OriginReflected]),
    )
    .must_fail(&["edge/redirects-kept", "journey/proofs", "cors/foreign-origins-refused"])
    .named("redirect-astray")
    .and(&["origin-reflected"])
    .explaining(&["journey/proofs"]),
    Fault::edge(
        "retried-into-the-time-limit",
        "The proxy gives up before the work is done, and the work asks its provider twice.",
        Edge::that(Twist::TimeLimit(200)).with(&[FaultId::Slow, FaultId::ChargedTwice]),
    )
    .must_fail(&["errors/no-server-error", "journey/proofs"])
    .named("edge-timeout")
    .and(&["calls-repeated"]),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
