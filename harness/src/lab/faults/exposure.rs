//! Caching, cookies, TLS and exposure.

use orchestrate::faults::id::FaultId;

use crate::lab::edge::tls::Shown;
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Edge, Front};
use crate::lab::fault::Fault;
use crate::model::probe::Effect;
use crate::model::target::Environment;

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
    .named("unreachable"),
    Fault::edge(
        "tls-chain",
        "The intermediate certificate is not sent.",
        Edge::that(Twist::None).over(Front::Tls(Shown::LeafAlone)),
    )
    .shows(&["tls-chain"])
    .must_fail(&["reach/answers"])
    .named("unreachable"),
    Fault::edge(
        "tls-name",
        "The certificate is for another name.",
        Edge::that(Twist::None).over(Front::Tls(Shown::OtherName)),
    )
    .shows(&["tls-name"])
    .must_fail(&["reach/answers"])
    .named("unreachable"),
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
        "The API on the internet has no TLS at all.",
        Edge::that(Twist::None).over(Front::Named),
    )
    .with(|subject| {
        subject.target.environment = Environment::Production;
        subject.target.allow = vec![Effect::Paid];
    })
    .must_fail(&["tls/only-tls"])
    .named("plain-http"),
    Fault::edge(
        "hsts-missing",
        "Browsers are not told to stay with TLS.",
        Edge::that(Twist::NoHsts).over(Front::Tls(Shown::Good)),
    )
    .shows(&["hsts-missing"])
    .must_note(&["tls/hsts"]),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[(
    "tls-old",
    "rustls, the one TLS stack here, knows nothing below TLS 1.2, so no edge of the lab can accept it and no request can ask for it",
)];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "cache-authed-public",
    "cache-cross-user",
    "cache-error-sticky",
    "cache-nostore-absent",
    "debug-page",
    "server-banner",
    "nosniff-missing",
    "cookie-flags",
    "cookie-samesite",
    "secret-file",
    "debug-route",
];
