//! Healthy look-alikes: services that are correct and unusual. A check that flags one of them is a false alarm, which is as
//! bad as a miss.

use orchestrate::config::{Settings, WEB_ORIGIN};
use orchestrate::faults::input::SCALED_LIMIT;
use orchestrate::faults::look_alike::LookAlike as Altered;

use crate::lab::careful::Careful;
use crate::lab::edge::Edge;
use crate::lab::edge::healthy;
use crate::lab::edge::twist::Twist;
use crate::lab::embedded::Embedded;
use crate::lab::faults::cors::sends_put;
use crate::lab::faults::origin::by_cookie;
use crate::lab::faults::page;
use crate::lab::faults::speech::page_sends_regions;
use crate::lab::guarded::{self, Guarded};
use crate::lab::kept_otherwise;
use crate::lab::notes::{self, Quirk};
use crate::lab::pages::Page;
use crate::lab::shelf::{self, Flaw};
use crate::lab::subject::{Subject, concierge, verify};
use crate::model::probe::Effect;
use crate::model::run::Run;
use crate::model::target::{Bounds, Environment};

/// The deadline of a request, in milliseconds: ample on loopback, and what idles for a share of it idles for less.
const DEADLINE_MS: u64 = 3_000;

/// How long a service that sleeps takes to wake, in milliseconds: longer than a request may take.
pub const SLOW_WAKE_MS: u64 = DEADLINE_MS + 300;

/// A healthy service, and how to verify it.
#[derive(Debug, Clone, Copy)]
pub struct LookAlike {
    /// Its id.
    pub id: &'static str,
    /// What is unusual and right about it, in one sentence.
    pub sentence: &'static str,
    /// What is run.
    pub how: How,
}

/// What is run.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// The reference service as it is, in this environment.
    Reference(Environment),
    /// The reference service as it is, with more to say of the target.
    ReferenceFor(fn(&mut Subject)),
    /// The reference service, altered in a way that is still right.
    Altered(Altered),
    /// The same, with more to say of the target.
    AlteredFor(Altered, fn(&mut Subject)),
    /// The notes service.
    Notes(Quirk),
    /// The reference service behind an edge that is right.
    Edge(Edge),
    /// The service behind a guard that verifies tokens.
    Guarded(Guarded),
    /// The shelf.
    Shelf(Flaw),
    /// The reference service and a web page that uses it.
    Page(Page),
}

impl LookAlike {
    /// Runs it and verifies it.
    pub async fn run(&self) -> Result<Run, String> {
        match self.how {
            How::Reference(environment) => reference(environment, None, |_| ()).await,
            How::ReferenceFor(prepare) => reference(Environment::Local, None, prepare).await,
            How::Altered(altered) => reference(Environment::Local, Some(altered), |_| ()).await,
            How::AlteredFor(altered, prepare) => reference(Environment::Local, Some(altered), prepare).await,
            How::Notes(quirk) => notes::run(quirk, Careful::No).await,
            How::Edge(edge) => behind(edge).await,
            How::Guarded(quirk) => guarded::run(quirk, Careful::No).await,
            How::Shelf(flaw) => shelf::run(flaw, Careful::No).await,
            How::Page(page) => page.verified(DEADLINE_MS).await,
        }
    }
}

/// Every look-alike.
pub fn all() -> Vec<LookAlike> {
    let with_more_to_say = [&[Altered::PutListed], kept_otherwise::ALTERED].concat();
    let alone = Altered::ALL
        .iter()
        .filter(|altered| !with_more_to_say.contains(altered));
    let altered = alone.map(|altered| LookAlike {
        id: altered.id(),
        sentence: altered.sentence(),
        how: How::Altered(*altered),
    });
    let others = OWN
        .iter()
        .chain(healthy::EDGES)
        .chain(GUARDED)
        .chain(kept_otherwise::HEALTHY)
        .chain(shelf::HEALTHY)
        .chain(page::HEALTHY);
    others.copied().chain(altered).collect()
}

const fn notes(id: &'static str, quirk: Quirk, sentence: &'static str) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: How::Notes(quirk),
    }
}

/// The look-alikes that are not the reference service's own.
const OWN: &[LookAlike] = &[
    LookAlike {
        id: "languages-with-regions",
        sentence: "The page names languages with a region, as browsers do, and is understood.",
        how: How::ReferenceFor(page_sends_regions),
    },
    LookAlike {
        id: "reference",
        sentence: "The reference service as it is, everything allowed.",
        how: How::Reference(Environment::Local),
    },
    LookAlike {
        id: "reference-in-production",
        sentence: "The reference service as production, with leave for one paid call.",
        how: How::Reference(Environment::Production),
    },
    notes(
        "notes",
        Quirk::None,
        "A small bearer API with one page: the base of the others.",
    ),
    notes(
        "notes-wildcard",
        Quirk::Wildcard,
        "A bearer API that allows `*`, for a page that sends no cookies.",
    ),
    notes(
        "notes-fixed-origin",
        Quirk::FixedOrigin,
        "One origin in every answer, whoever asks, so nothing varies.",
    ),
    notes(
        "notes-preflight-body",
        Quirk::PreflightBody,
        "A preflight answered 200 with a text.",
    ),
    notes(
        "notes-merged-headers",
        Quirk::MergedHeaders,
        "Allowed headers in one lower-case line, Vary in two, one of them `*`.",
    ),
    notes(
        "notes-error-key",
        Quirk::ErrorKey,
        "Errors as {\"error\": …} in application/json.",
    ),
    notes(
        "notes-plain-health",
        Quirk::PlainHealth,
        "Health is the text `OK`.",
    ),
    notes(
        "notes-rich-health",
        Quirk::RichHealth,
        "Health has members such as `error_rate` and `failed: 0`.",
    ),
    notes(
        "notes-close",
        Quirk::Close,
        "Every answer closes its connection and says so.",
    ),
    notes("notes-http-1-0", Quirk::Http10, "Answers in HTTP/1.0."),
    notes(
        "notes-gzip",
        Quirk::Gzip,
        "Every body is coded with gzip, asked or not.",
    ),
    notes("notes-chunked", Quirk::Chunked, "Every body comes in chunks."),
    notes(
        "notes-many-headers",
        Quirk::ManyHeaders,
        "Every answer has 150 more headers.",
    ),
    notes(
        "notes-api-key",
        Quirk::ApiKey,
        "Callers send X-API-Key; refusals carry a challenge for it.",
    ),
    notes(
        "notes-no-auth",
        Quirk::NoAuth,
        "A public API: nobody is asked for a credential.",
    ),
    notes(
        "notes-html-404",
        Quirk::Html404,
        "An unknown route gets an HTML page with 404.",
    ),
    notes(
        "notes-foreign-403",
        Quirk::Foreign403,
        "A foreign preflight gets 403.",
    ),
    notes(
        "notes-problem",
        Quirk::Problem,
        "Errors are problem details with an extension called `trace`.",
    ),
    notes(
        "notes-slow-within",
        Quirk::SlowWithin,
        "Every answer takes a while, well within the deadline.",
    ),
    notes(
        "notes-vary-star",
        Quirk::VaryStar,
        "Every answer varies on everything: `Vary: *`.",
    ),
    notes(
        "notes-padded-lists",
        Quirk::PaddedLists,
        "Lists of headers with tabs, spaces, empty elements and a second line.",
    ),
    notes(
        "notes-several-origins",
        Quirk::SeveralOrigins,
        "Two pages on the list; each is answered with its own origin.",
    ),
    notes(
        "notes-no-max-age",
        Quirk::NoMaxAge,
        "Preflights do not say for how long they may be remembered.",
    ),
    notes(
        "notes-foreign-refused",
        Quirk::ForeignRefused,
        "Everything from a foreign origin is 403, reads too.",
    ),
    notes(
        "notes-foreign-preflight-200",
        Quirk::ForeignPreflight200,
        "A foreign preflight gets 200 and not one header of CORS.",
    ),
    notes(
        "notes-ready-bare",
        Quirk::ReadyBare,
        "A readiness route for the platform alone, outside CORS.",
    ),
    notes(
        "notes-expose-star",
        Quirk::ExposeStar,
        "Everybody may read every header, without credentials.",
    ),
    notes(
        "notes-preflight-exact",
        Quirk::PreflightExact,
        "A preflight allows exactly what it was asked for.",
    ),
    notes(
        "notes-unknown-header-refused",
        Quirk::UnknownHeaderRefused,
        "A preflight with an unknown header is 400, alone or beside others.",
    ),
    notes(
        "notes-timing-open",
        Quirk::TimingOpen,
        "Everybody may see timings.",
    ),
    notes(
        "notes-storable",
        Quirk::Storable,
        "Caches may keep every answer, and are told all that it depends on.",
    ),
    notes(
        "notes-location-exposed",
        Quirk::LocationExposed,
        "A created note's Location, which pages may read.",
    ),
    LookAlike {
        id: "cookie-page",
        sentence: "The reference service for a page that acts by its cookie: JSON under another name is 415.",
        how: How::ReferenceFor(by_cookie),
    },
    LookAlike {
        id: "put-listed",
        sentence: Altered::PutListed.sentence(),
        how: How::AlteredFor(Altered::PutListed, sends_put),
    },
    notes(
        "notes-weak-etag",
        Quirk::WeakEtag,
        "A weak ETag stays while the time in the body moves on.",
    ),
    notes(
        "notes-not-modified",
        Quirk::NotModified,
        "Health has a strong ETag, and 304 for whoever holds it.",
    ),
    notes(
        "notes-head-refused",
        Quirk::HeadRefused,
        "HEAD is 405 with Allow.",
    ),
    notes(
        "notes-retry-date",
        Quirk::RetryDate,
        "Errors say Retry-After as an HTTP date.",
    ),
    notes(
        "notes-server-name",
        Quirk::ServerName,
        "Server and X-Powered-By name software without a version.",
    ),
    notes(
        "notes-cookies",
        Quirk::Cookies,
        "A guarded session cookie, and a token against forgery that scripts may read.",
    ),
    notes(
        "notes-edge-ids",
        Quirk::EdgeIds,
        "Requests are named by the edge, in its own header.",
    ),
    notes(
        "notes-rate-limits",
        Quirk::RateLimits,
        "The remainder of a rate limit stays the same, since it refills.",
    ),
    notes(
        "notes-fair-limit",
        Quirk::FairLimit,
        "So many requests a second, and what is too much is 429 with Retry-After, which pages can read.",
    ),
    notes(
        "notes-empty-errors",
        Quirk::EmptyErrors,
        "Successes have members for errors, and they are empty.",
    ),
    notes(
        "notes-cached-not-found",
        Quirk::CachedNotFound,
        "404 comes from a cache, which may keep it.",
    ),
    notes(
        "notes-metrics",
        Quirk::Metrics,
        "Metrics are open on one's own machine.",
    ),
    notes(
        "notes-method-not-found",
        Quirk::MethodNotFound,
        "A method that is not there is 404, as some frameworks have it.",
    ),
];

/// The reference service behind an edge.
async fn behind(edge: Edge) -> Result<Run, String> {
    let mut subject = concierge().map_err(|error| error.to_string())?;
    subject.target.bounds.deadline_ms = DEADLINE_MS;
    if let Twist::SlowFirst(ms) = edge.twist {
        subject.target.bounds.cold_start_ms = ms * 2;
    }
    let standing = edge.start(Settings::development(), &mut subject).await?;
    let judged = verify(subject).await.map_err(|error| error.to_string());
    standing.stop().await;
    judged.map(|(_, run)| run)
}

const fn guarded_by(id: &'static str, quirk: Guarded, sentence: &'static str) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: How::Guarded(quirk),
    }
}

/// The look-alikes of authentication and health.
const GUARDED: &[LookAlike] = &[
    guarded_by(
        "guarded-few-claims",
        Guarded::FewClaims,
        "Tokens say who and until when, and no issuer, audience or kind.",
    ),
    guarded_by(
        "guarded-audience-list",
        Guarded::AudienceList,
        "The audience of a token is a list, of which the service is one.",
    ),
    guarded_by(
        "guarded-leeway",
        Guarded::Leeway,
        "A token is good for five minutes after its expiry, for clocks that differ.",
    ),
    guarded_by(
        "guarded-forbidden",
        Guarded::Forbidden,
        "A bad token gets 403, with a challenge that says why.",
    ),
    guarded_by(
        "guarded-problem",
        Guarded::Problem,
        "Refusals are problem details in another language, with a trace.",
    ),
    guarded_by(
        "guarded-parses-first",
        Guarded::ParsesFirst,
        "A body that is no JSON is 422 before anybody asks who sent it.",
    ),
    guarded_by(
        "guarded-health-204",
        Guarded::Health204,
        "Health has nothing to say: 204.",
    ),
    guarded_by(
        "guarded-no-head",
        Guarded::NoHead,
        "HEAD is 405 and Allow says so.",
    ),
    guarded_by(
        "guarded-slash-redirect",
        Guarded::SlashRedirect,
        "A slash at the end is redirected, whoever asks.",
    ),
    guarded_by(
        "guarded-lenient-routes",
        Guarded::LenientRoutes,
        "Paths are matched in any case and with any slashes, and guarded in all of them.",
    ),
    guarded_by(
        "guarded-front-end",
        Guarded::FrontEnd,
        "What no route is known for is the front end's page, with a session.",
    ),
    guarded_by(
        "guarded-front-end-live",
        Guarded::FrontEndLive,
        "The same in production, and its page tells of what it is made with.",
    ),
    guarded_by(
        "guarded-revalidated",
        Guarded::Revalidated,
        "Caches may keep answers, and must ask before they give them to anybody (public, max-age=0).",
    ),
    guarded_by(
        "guarded-key-set",
        Guarded::KeySet,
        "The public key of a partner is served, and tokens are signed with a secret.",
    ),
    guarded_by(
        "guarded-opaque-refresh",
        Guarded::OpaqueRefresh,
        "The refresh token is an opaque text beside signed access tokens.",
    ),
    guarded_by(
        "guarded-issuer",
        Guarded::Issued,
        "Tokens are signed by an issuer whose public keys are known by name, and no key set is served.",
    ),
];

/// The reference service without a fault.
async fn reference(
    environment: Environment,
    altered: Option<Altered>,
    prepare: fn(&mut Subject),
) -> Result<Run, String> {
    let mut settings = Settings::development();
    // As a deploy has it, without a laptop's development servers.
    settings.origins = vec![WEB_ORIGIN.to_owned()];
    settings.faults.look_alike = altered;
    let embedded = Embedded::start(settings)
        .await
        .map_err(|error| error.to_string())?;
    let mut subject = concierge().map_err(|error| error.to_string())?;
    if altered == Some(Altered::LimitedTo413)
        && let Some(role) = &mut subject.target.transcription
    {
        role.max_audio = Some(SCALED_LIMIT as u64);
    }
    if environment == Environment::Production {
        subject.target.environment = environment;
        subject.target.bounds = Bounds::of(environment);
        subject.target.allow = vec![Effect::Paid];
    }
    subject.target.bounds.deadline_ms = DEADLINE_MS;
    subject.vault = embedded.join(&mut subject.target);
    prepare(&mut subject);
    let judged = verify(subject).await.map_err(|error| error.to_string());
    embedded.stop().await;
    judged.map(|(_, run)| run)
}
