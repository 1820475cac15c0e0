//! Healthy look-alikes: services that are correct and unusual. A check that flags one of them is a false alarm, which is as
//! bad as a miss.

use futures_util::future::BoxFuture;

use crate::lab::embedded::Embedded;
use crate::lab::notes::{self, Quirk};
use crate::lab::subject::{concierge, verify};
use crate::model::run::Run;
use crate::model::target::{Bounds, Environment};

/// A healthy service, and how to verify it.
pub struct LookAlike {
    /// Its id.
    pub id: &'static str,
    /// What is unusual and right about it, in one sentence.
    pub sentence: &'static str,
    /// Runs it and verifies it.
    pub run: fn() -> BoxFuture<'static, Result<Run, String>>,
}

impl std::fmt::Debug for LookAlike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LookAlike").field("id", &self.id).finish_non_exhaustive()
    }
}

macro_rules! notes {
    ($id:literal, $quirk:ident, $sentence:literal) => {
        LookAlike { id: $id, sentence: $sentence, run: || Box::pin(notes::run(Quirk::$quirk)) }
    };
}

/// Every look-alike.
pub const LOOK_ALIKES: &[LookAlike] = &[
    LookAlike {
        id: "healthy-reference",
        sentence: "The reference service as it is, everything allowed.",
        run: || Box::pin(reference(Environment::Local)),
    },
    LookAlike {
        id: "healthy-reference-in-production",
        sentence: "The reference service as production, with leave for one paid call.",
        run: || Box::pin(reference(Environment::Production)),
    },
    notes!("plain-notes", None, "A small bearer API with one page: the base of the others."),
    notes!("wildcard-without-credentials", Wildcard, "A bearer API that allows `*`, for a page that sends no cookies."),
    notes!("fixed-origin-without-vary", FixedOrigin, "One origin in every answer, whoever asks, so nothing varies."),
    notes!("preflight-200-with-body", PreflightBody, "A preflight answered 200 with a text."),
    notes!("merged-and-lower-case-headers", MergedHeaders, "Allowed headers in one lower-case line, Vary merged and `*`."),
    notes!("error-key-bodies", ErrorKey, "Errors as {\"error\": …} in application/json."),
    notes!("plain-text-health", PlainHealth, "Health is the text `OK`."),
    notes!("extra-health-fields", RichHealth, "Health has many more members, some of which say `error_rate` and `failed: 0`."),
    notes!("connection-close", Close, "Every answer closes its connection and says so."),
    notes!("http-1-0", Http10, "Answers in HTTP/1.0 without a length."),
    notes!("gzip", Gzip, "Every body is coded with gzip, asked or not."),
    notes!("chunked", Chunked, "Every body comes in chunks."),
    notes!("many-headers", ManyHeaders, "Every answer has 150 more headers."),
    notes!("api-key", ApiKey, "Callers send X-API-Key; refusals carry a challenge for it."),
    notes!("no-auth", NoAuth, "A public API: nobody is asked for a credential."),
    notes!("html-404", Html404, "An unknown route gets an HTML page with 404."),
    notes!("foreign-preflight-403", Foreign403, "A foreign preflight gets 403, and one without headers."),
    notes!("forbidden-is-readable", Problem, "Errors are problem details with extension members."),
    notes!("slow-within-budget", SlowWithin, "Every answer takes a while, well within the deadline."),
];

/// The reference service without a fault.
async fn reference(environment: Environment) -> Result<Run, String> {
    use crate::model::probe::Effect;
    let embedded = Embedded::healthy().await.map_err(|error| error.to_string())?;
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
