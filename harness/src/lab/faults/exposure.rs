//! Caching, cookies, TLS and exposure.

use orchestrate::faults::id::FaultId;

use crate::lab::edge::tls::Shown;
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Edge, Front};
use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::shelf::Flaw;
use crate::lab::subject::Subject;
use crate::model::finding::Verdict;
use crate::model::probe::Effect;
use crate::model::target::{Bounds, Call, ClientCall, Environment};

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::StackTraceLeak)
        .shows(&["stack-trace"])
        .must_fail(&["errors/no-server-error", "errors/no-stack-trace"])
        .named("server-error"),
    // TLS.
    Fault::edge(
        "tls-expired",
        "The certificate expired long ago.",
        Edge::that(Twist::None).over(Front::Tls(Shown::Expired)),
    )
    .shows(&["tls-expired"])
    .must_fail(&["reach/answers"])
    .named("certificate-expired"),
    Fault::edge(
        "tls-chain",
        "The intermediate certificate is not sent.",
        Edge::that(Twist::None).over(Front::Tls(Shown::LeafAlone)),
    )
    .shows(&["tls-chain"])
    .must_fail(&["reach/answers"])
    .named("certificate-untrusted"),
    Fault::edge(
        "tls-self-signed",
        "The certificate vouches for itself.",
        Edge::that(Twist::None).over(Front::Tls(Shown::SelfSigned)),
    )
    .must_fail(&["reach/answers"])
    .named("certificate-untrusted"),
    Fault::edge(
        "tls-name",
        "The certificate is for another name.",
        Edge::that(Twist::None).over(Front::Tls(Shown::OtherName)),
    )
    .shows(&["tls-name"])
    .must_fail(&["reach/answers"])
    .named("certificate-for-another-name"),
    Fault::edge(
        "tls-not-yet-valid",
        "By the clock of the checker the certificate begins in two days.",
        Edge::that(Twist::None).over(Front::Tls(Shown::NotYet)),
    )
    .must_fail(&["reach/answers"])
    .named("certificate-not-yet-valid")
    .ends(Verdict::Inconclusive),
    Fault::edge(
        "tls-nearly-expired",
        "The certificate is good for two more days, and nothing renewed it.",
        Edge::that(Twist::None).over(Front::Tls(Shown::DaysLeft(2))),
    )
    .must_fail(&["tls/certificate-lasts"])
    .named("certificate-runs-out"),
    Fault::edge(
        "http-plain",
        "The API behind TLS answers without TLS as well.",
        Edge::that(Twist::PlainToo).over(Front::Tls(Shown::Good)),
    )
    .shows(&["http-plain"])
    .must_fail(&["tls/only-tls"])
    .named("plain-http"),
    Fault::edge(
        "http-only",
        "The API on the internet has no TLS at all, and its page has.",
        Edge::that(Twist::None).over(Front::Named),
    )
    .with(|subject| {
        subject.target.environment = Environment::Production;
        subject.target.allow = vec![Effect::Paid];
    })
    .must_fail(&["tls/only-tls"])
    .named("mixed-content"),
    Fault::edge(
        "tls-old",
        "The proxy goes on with clients that know nothing newer than TLS 1.1.",
        Edge::that(Twist::OldTls).over(Front::Tls(Shown::Good)),
    )
    .shows(&["tls-old"])
    .must_fail(&["tls/old-versions-refused"])
    .named("old-tls"),
    Fault::edge(
        "hsts-missing",
        "Browsers are not told to stay with TLS.",
        Edge::that(Twist::NoHsts).over(Front::Tls(Shown::Good)),
    )
    .shows(&["hsts-missing"])
    .must_note(&["tls/hsts"]),
    Fault::service(FaultId::CacheAuthedPublic)
        .shows(&["cache-authed-public"])
        .must_fail(&["caching/private-answers"])
        .named("answers-cacheable"),
    Fault::service(FaultId::CachedError)
        .shows(&["cache-error-sticky"])
        .must_fail(&["caching/errors-not-cached"])
        .named("error-cached"),
    Fault::service(FaultId::NoStoreAbsent)
        .shows(&["cache-nostore-absent"])
        .with(reads_with_a_credential)
        .must_note(&["caching/private-answers"]),
    Fault::service(FaultId::DebugPage)
        .shows(&["debug-page"])
        .must_fail(&["exposure/no-debug-page"])
        .named("debug-mode-on"),
    Fault::service(FaultId::ServerBanner)
        .shows(&["server-banner"])
        .must_note(&["exposure/no-versions"]),
    Fault::service(FaultId::NosniffMissing)
        .shows(&["nosniff-missing"])
        .must_note(&["exposure/nosniff"]),
    Fault::service(FaultId::CookieUnsafe)
        .shows(&["cookie-flags"])
        .must_fail(&["exposure/session-cookie-guarded"])
        .named("session-cookie-unsafe"),
    Fault::service(FaultId::CookieSameSiteLax)
        .shows(&["cookie-samesite"])
        .must_fail(&["exposure/session-cookie-reaches-page"])
        .named("session-cookie-not-sent"),
    Fault::service(FaultId::SecretFiles)
        .shows(&["secret-file"])
        .must_fail(&["exposure/secret-files"])
        .named("secret-file-served"),
    Fault::service(FaultId::DebugPages)
        .shows(&["debug-route"])
        .with(in_production)
        .must_fail(&["exposure/debug-routes"])
        .named("debug-route-public"),
    Fault::service(FaultId::DebugRoutes)
        .shows(&["debug-route"])
        .with(in_production)
        .must_fail(&["exposure/debug-routes"])
        .named("debug-route-public"),
    Fault::new(
        "cached-for-another-user",
        "A cache in front gives one user what belongs to another.",
        How::Shelf(Flaw::CachedForAnotherUser),
    )
    .shows(&["cache-cross-user"])
    .must_fail(&["caching/one-answer-per-user"])
    .named("cached-for-another-user"),
];

/// A page that reads with its token.
fn reads_with_a_credential(subject: &mut Subject) {
    let made = ClientCall {
        call: Call {
            method: "GET".into(),
            path: "/info".into(),
        },
        headers: vec!["authorization".into()],
    };
    for client in &mut subject.target.clients {
        client.calls.push(made.clone());
    }
}

fn in_production(subject: &mut Subject) {
    subject.target.environment = Environment::Production;
    subject.target.bounds = Bounds::of(Environment::Production);
    subject.target.allow = vec![Effect::Paid];
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
