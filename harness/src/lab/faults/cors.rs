//! CORS protocol: can an allowed browser client use the API at all?

use orchestrate::faults::id::FaultId;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::notes::Quirk;
use crate::lab::subject::Subject;
use crate::model::probe::Mode;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::CorsMissingEverywhere)
        .shows(&["cors-missing"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("cors-missing-everywhere"),
    Fault::service(FaultId::OriginNotListed)
        .shows(&["cors-allowlist-drift"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("origin-not-listed"),
    Fault::service(FaultId::WildcardWithCredentials)
        .shows(&["cors-star-with-credentials"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("wildcard-with-credentials"),
    Fault::service(FaultId::VaryMissing)
        .shows(&["cors-vary-missing"])
        .must_fail(&["cors/vary-on-origin"])
        .named("vary-missing"),
    Fault::service(FaultId::Preflight405)
        .shows(&["cors-preflight-404-405"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-refused"),
    Fault::service(FaultId::PreflightRequiresAuth)
        .shows(&["cors-preflight-401"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-refused"),
    Fault::service(FaultId::PreflightRedirect)
        .shows(&["cors-preflight-redirect"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-refused"),
    Fault::service(FaultId::CorsFilterRaises)
        .shows(&["cors-preflight-5xx"])
        .must_fail(&[
            "cors/preflight-allowed",
            "cors/origin-crashes-nothing",
            "errors/no-server-error",
        ])
        .named("cors-filter-crashes"),
    // An origin that no browser sends is minor, and the check says so; the 5xx that it causes never is (law 1).
    Fault::service(FaultId::OddOriginCrashes)
        .shows(&["cors-bad-origin-crash"])
        .must_fail(&["errors/no-server-error"])
        .named("cors-filter-crashes"),
    Fault::service(FaultId::OriginFixed)
        .shows(&["cors-acao-wrong-origin"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("origin-not-listed"),
    Fault::service(FaultId::OriginWithSlash)
        .shows(&["cors-acao-trailing-slash"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("origin-not-listed"),
    Fault::service(FaultId::OriginSentTwice)
        .shows(&["cors-acao-multi"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("duplicate-cors-headers"),
    Fault::service(FaultId::OriginsInOneHeader)
        .shows(&["cors-acao-list"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("duplicate-cors-headers"),
    Fault::service(FaultId::CredentialsMisspelt)
        .shows(&["cors-acac-not-true"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("credentials-not-allowed"),
    Fault::service(FaultId::CredentialsOnPreflightOnly)
        .shows(&["cors-acac-uneven"])
        .must_fail(&["cors/readable"])
        .named("credentials-not-allowed"),
    Fault::service(FaultId::AuthorizationNotAllowed)
        .shows(&["cors-acah-missing"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-misses-headers"),
    Fault::service(FaultId::HeadersByStar)
        .shows(&["cors-acah-star-credentialed"])
        .must_fail(&["cors/preflight-allowed"])
        .named("wildcard-with-credentials"),
    // Without cookies only the standard refuses: Chromium lets the call through, as tests/cors_against_chromium saw, so
    // it is something to mend and no outage.
    Fault::new(
        "star-for-authorization",
        "The list of allowed request headers is a star, for a page that sends a token and no cookies.",
        How::Service(FaultId::HeadersByStar),
    )
    .shows(&["cors-acah-star-authorization"])
    .must_note(&["cors/preflight-allowed"])
    .with(without_cookies),
    Fault::service(FaultId::HeadersParsedStrictly)
        .shows(&["cors-acah-parser"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-parsed-strictly"),
    Fault::service(FaultId::HeadersByAnyMatch)
        .shows(&["cors-acah-any-match"])
        .must_note(&["cors/every-header-judged"]),
    Fault::service(FaultId::MethodNotAllowed)
        .shows(&["cors-acam-missing"])
        .must_fail(&["cors/preflight-allowed"])
        .named("preflight-misses-headers")
        .with(sends_put),
    Fault::service(FaultId::ActualBare)
        .shows(&["cors-actual-bare"])
        .must_fail(&["cors/readable"])
        .named("cors-missing-on-route"),
    Fault::service(FaultId::RouteBare)
        .shows(&["cors-route-uneven"])
        .must_fail(&["cors/preflight-allowed", "cors/readable"])
        .named("cors-missing-on-route"),
    Fault::service(FaultId::CorsOnPreflightOnly)
        .must_fail(&["cors/readable"])
        .named("cors-on-preflight-only"),
    Fault::new(
        "location-hidden",
        "A created note's Location is sent and not exposed, so that no page can read it.",
        How::Notes(Quirk::LocationHidden),
    )
    .shows(&["cors-expose-missing"])
    .must_note(&["cors/headers-exposed"]),
    Fault::service(FaultId::MaxAgeInvalid)
        .shows(&["cors-max-age-poor"])
        .must_note(&["cors/preflight-remembered"]),
    Fault::service(FaultId::VaryClobbered)
        .shows(&["cors-vary-clobbered"])
        .must_note(&["cors/vary-kept"]),
    Fault::service(FaultId::CachedForFirstOrigin)
        .shows(&["cors-cached-wrong-origin"])
        .must_fail(&["cors/cached-for-each-origin"])
        .named("cached-for-another-origin"),
    Fault::service(FaultId::PreflightWorks)
        .shows(&["cors-options-side-effect"])
        .must_fail(&["cors/preflight-does-no-work"])
        .named("preflight-does-work"),
    Fault::service(FaultId::TimingClosed)
        .shows(&["cors-timing-closed"])
        .must_note(&["cors/timing-shared"]),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];

/// The page sends a token and no cookies.
fn without_cookies(subject: &mut Subject) {
    for client in &mut subject.target.clients {
        client.credentials = Mode::Omit;
    }
}

/// The page also calls with PUT.
pub fn sends_put(subject: &mut Subject) {
    for client in &mut subject.target.clients {
        let made = client
            .calls
            .iter()
            .rfind(|made| made.call.method == "POST")
            .cloned();
        client.calls.extend(made.map(|mut made| {
            made.call.method = "PUT".to_owned();
            made
        }));
    }
}
