//! Origin policy: is the answer too generous?

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;
use crate::lab::faults::Unshown;
use crate::lab::subject::Subject;
use crate::model::probe::{Effect, Mode};
use crate::model::target::{Bounds, Environment};

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::OriginReflected)
        .shows(&["origin-reflect-credentials"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("origin-reflected"),
    Fault::service(FaultId::NullOriginAllowed)
        .shows(&["origin-null"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("null-origin-trusted"),
    Fault::service(FaultId::OriginReflectedOpen)
        .shows(&["origin-reflect-open"])
        .must_note(&["cors/foreign-origins-refused"])
        .named("origin-reflected"),
    Fault::service(FaultId::OriginByPrefix)
        .shows(&["origin-prefix-match"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("look-alike-trusted"),
    Fault::service(FaultId::OriginBySuffix)
        .shows(&["origin-suffix-match"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("look-alike-trusted"),
    Fault::service(FaultId::OriginByPattern)
        .shows(&["origin-dot-any"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("look-alike-trusted"),
    Fault::service(FaultId::OriginHttpTwin)
        .shows(&["origin-http-scheme"])
        .must_fail(&["cors/foreign-origins-refused"])
        .named("look-alike-trusted"),
    Fault::service(FaultId::OriginAnySubdomain)
        .shows(&["origin-any-subdomain"])
        .must_note(&["cors/foreign-origins-refused"])
        .named("look-alike-trusted"),
    Fault::service(FaultId::LocalhostAllowed)
        .shows(&["origin-localhost-in-prod"])
        .must_note(&["cors/foreign-origins-refused"])
        .named("development-origin-trusted")
        .with(in_production),
    Fault::service(FaultId::JsonAsText)
        .shows(&["json-as-simple-request"])
        .must_fail(&["cors/json-needs-preflight"])
        .named("json-without-preflight")
        .with(by_cookie),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[Unshown::cannot_be(
    "pna-default-on",
    "no browser sends Access-Control-Request-Private-Network any more (Local Network Access took its place), so an answer to it opens nothing; and the lab's services are on loopback, where opting in is no fault",
)];

/// The service as production, with leave for one paid call.
fn in_production(subject: &mut Subject) {
    subject.target.environment = Environment::Production;
    subject.target.bounds = Bounds::of(Environment::Production);
    subject.target.allow = vec![Effect::Paid];
}

/// The page sends a cookie and no header of its own.
pub fn by_cookie(subject: &mut Subject) {
    for client in &mut subject.target.clients {
        client.credentials = Mode::Include;
        for made in &mut client.calls {
            made.headers.retain(|name| name != "authorization");
        }
    }
}
