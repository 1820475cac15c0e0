//! Healthy look-alikes: services that are correct and unusual. A check that flags one of them is a false alarm, which is as
//! bad as a miss.

use orchestrate::config::Settings;
use orchestrate::faults::look_alike::LookAlike as Altered;

use crate::lab::embedded::Embedded;
use crate::lab::guarded::{self, Guarded};
use crate::lab::notes::{self, Quirk};
use crate::lab::subject::{concierge, verify};
use crate::model::probe::Effect;
use crate::model::run::Run;
use crate::model::target::{Bounds, Environment};

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
    /// The reference service, altered in a way that is still right.
    Altered(Altered),
    /// The notes service.
    Notes(Quirk),
    /// The service behind a guard that verifies tokens.
    Guarded(Guarded),
}

impl LookAlike {
    /// Runs it and verifies it.
    pub async fn run(&self) -> Result<Run, String> {
        match self.how {
            How::Reference(environment) => reference(environment, None).await,
            How::Altered(altered) => reference(Environment::Local, Some(altered)).await,
            How::Notes(quirk) => notes::run(quirk).await,
            How::Guarded(quirk) => guarded::run(quirk).await,
        }
    }
}

/// Every look-alike.
pub fn all() -> Vec<LookAlike> {
    let altered = Altered::ALL.iter().map(|altered| LookAlike {
        id: altered.id(),
        sentence: altered.sentence(),
        how: How::Altered(*altered),
    });
    OWN.iter().chain(GUARDED).copied().chain(altered).collect()
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
];

const fn behind(id: &'static str, quirk: Guarded, sentence: &'static str) -> LookAlike {
    LookAlike {
        id,
        sentence,
        how: How::Guarded(quirk),
    }
}

/// The look-alikes of authentication and health.
const GUARDED: &[LookAlike] = &[
    behind(
        "guarded-few-claims",
        Guarded::FewClaims,
        "Tokens say who and until when, and no issuer, audience or kind.",
    ),
    behind(
        "guarded-audience-list",
        Guarded::AudienceList,
        "The audience of a token is a list, of which the service is one.",
    ),
    behind(
        "guarded-leeway",
        Guarded::Leeway,
        "A token is good for five minutes after its expiry, for clocks that differ.",
    ),
    behind(
        "guarded-forbidden",
        Guarded::Forbidden,
        "A bad token gets 403, with a challenge that says why.",
    ),
    behind(
        "guarded-problem",
        Guarded::Problem,
        "Refusals are problem details in another language, with a trace.",
    ),
    behind(
        "guarded-parses-first",
        Guarded::ParsesFirst,
        "A body that is no JSON is 422 before anybody asks who sent it.",
    ),
    behind(
        "guarded-health-204",
        Guarded::Health204,
        "Health has nothing to say: 204.",
    ),
    behind(
        "guarded-no-head",
        Guarded::NoHead,
        "HEAD is 405 and Allow says so.",
    ),
    behind(
        "guarded-slash-redirect",
        Guarded::SlashRedirect,
        "A slash at the end is redirected, whoever asks.",
    ),
    behind(
        "guarded-lenient-routes",
        Guarded::LenientRoutes,
        "Paths are matched in any case and with any slashes, and guarded in all of them.",
    ),
    behind(
        "guarded-front-end",
        Guarded::FrontEnd,
        "What no route is known for is the front end's page, with a session.",
    ),
    behind(
        "guarded-key-set",
        Guarded::KeySet,
        "The public key of a partner is served, and tokens are signed with a secret.",
    ),
    behind(
        "guarded-opaque-refresh",
        Guarded::OpaqueRefresh,
        "The refresh token is an opaque text beside signed access tokens.",
    ),
];

/// The reference service without a fault.
async fn reference(environment: Environment, altered: Option<Altered>) -> Result<Run, String> {
    let mut settings = Settings::development();
    settings.faults.look_alike = altered;
    let embedded = Embedded::start(settings)
        .await
        .map_err(|error| error.to_string())?;
    let mut subject = concierge().map_err(|error| error.to_string())?;
    if environment == Environment::Production {
        subject.target.environment = environment;
        subject.target.bounds = Bounds::of(environment);
        subject.target.allow = vec![Effect::Paid];
    }
    subject.vault = embedded.join(&mut subject.target);
    let judged = verify(subject).await.map_err(|error| error.to_string());
    embedded.stop().await;
    judged.map(|(_, run)| run)
}
