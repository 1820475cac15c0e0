//! The health routes of a service: which they are, and what an answer on one of them says. Shared by every check of
//! health, so that they judge the same answers by the same words.

use crate::check::asks;
use crate::check::text::clean;
use crate::check::tone::{self, Said, Tone};
use crate::check::view::{Seen, View};
use crate::contract::operation::StatusKey;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::Verdict;
use crate::model::probe::Probe;

/// Where health is looked for when the profile does not say, likeliest first.
pub const CONVENTIONAL: [&str; 3] = ["/health", "/healthz", "/livez"];

/// What looks for the health route: the profile's, else the conventional ones, the later ones only when the first is
/// none.
pub fn probes(view: &View<'_>) -> Vec<Probe> {
    if let Some(route) = &view.target.routes.health {
        return vec![asks::read(route)];
    }
    let first = asks::read(CONVENTIONAL[0]);
    let is_elsewhere = matches!(view.seen(&first), Seen::Answered(_, reply) if !is_health(reply));
    let others = CONVENTIONAL.iter().skip(1).filter(|_| is_elsewhere);
    std::iter::once(first.clone())
        .chain(others.map(|route| asks::read(route)))
        .collect()
}

/// The request that asks for health: of the profile's route, else of the first conventional one that answers as a health
/// route does. `None` when nobody knows.
pub fn probe(view: &View<'_>) -> Option<Probe> {
    if let Some(route) = &view.target.routes.health {
        return Some(asks::read(route));
    }
    probes(view).into_iter().find(|probe| match view.seen(probe) {
        Seen::Answered(_, reply) => is_health(reply),
        Seen::Failed(..) | Seen::Limited(..) => true,
        Seen::Refused(_) | Seen::NotAsked => false,
    })
}

/// Whether an answer on a route that was only guessed may be taken for a health route's.
fn is_health(reply: &Reply) -> bool {
    let is_page = is_page(reply);
    matches!(reply.status, 200..300 | 500..600) && !is_page
}

/// Whether an answer is a web page.
pub fn is_page(reply: &Reply) -> bool {
    let begins = reply.body.bytes.get(..512).unwrap_or(&reply.body.bytes);
    let begins = String::from_utf8_lossy(begins).trim_start().to_ascii_lowercase();
    let labelled = reply
        .media_type()
        .is_some_and(|media_type| media_type == "text/html" || media_type == "application/xhtml+xml");
    labelled || begins.starts_with("<!doctype html") || begins.starts_with("<html")
}

/// The latest answer of the health route, when there is one.
pub fn latest<'v>(view: &View<'v>) -> Option<(&'v Exchange, &'v Reply)> {
    let probe = probe(view)?;
    view.answer(&probe.repeat(1)).or_else(|| view.answer(&probe))
}

/// What an answer says of the service in words, when it says so.
pub fn said(reply: &Reply) -> Option<Said> {
    if is_page(reply) {
        return None;
    }
    match reply.body.json() {
        Some(body) => tone::overall(&body),
        None => {
            let text = reply.body.text();
            let is_short = reply.body.end == End::Complete && text.len() <= 200 && !reply.is_json();
            let tone = tone::of(&text).filter(|_| is_short)?;
            Some(Said {
                at: String::new(),
                word: text.trim().to_owned(),
                tone,
            })
        }
    }
}

/// The parts that an answer calls broken.
pub fn broken(reply: &Reply) -> Vec<Said> {
    reply
        .body
        .json()
        .map(|body| tone::broken(&body))
        .unwrap_or_default()
}

/// Whether an answer claims that all is well, by status and body.
pub fn claims_well(reply: &Reply) -> bool {
    let word = said(reply).is_none_or(|said| said.tone == Tone::Good);
    (200..300).contains(&reply.status) && !is_page(reply) && word
}

/// Whether an answer says that all is not well.
pub fn admits_trouble(reply: &Reply) -> bool {
    reply.status >= 500
        || said(reply).is_some_and(|said| said.tone != Tone::Good)
        || !broken(reply).is_empty()
}

/// Why an answer of a health route is not a good one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, one sentence.
    pub title: String,
    /// What was seen.
    pub actual: String,
    /// A more exact hint than the check's own.
    pub hint: Option<&'static str>,
    /// What becomes of the check.
    pub outcome: Verdict,
}

/// What is wrong with an answer of a route that tells whether the service is `claim` (`healthy`, `ready`); `None` when
/// it says that it is.
pub fn fault(claim: &str, exchange: &Exchange, reply: &Reply) -> Option<Fault> {
    let route = exchange.probe.operation();
    let status = reply.status;
    let wrong = |title: String, hint| {
        Some(Fault {
            title,
            actual: actual(reply),
            hint,
            outcome: Verdict::Fail,
        })
    };
    match status {
        200..=299 if is_page(reply) => wrong(
            format!(
                "{route} answers with a web page, so something else than this service's health answers there"
            ),
            Some(
                "See which program the host and path lead to; a single-page app that answers every path does this.",
            ),
        ),
        200..=299 => in_words(claim, &route, reply),
        300..=399 => wrong(
            format!(
                "{route} is redirected to {}",
                clean(
                    &reply.header("location").unwrap_or_else(|| "nowhere".to_owned()),
                    120
                )
            ),
            Some(
                "Answer health at the route itself: some platforms count a redirect as healthy, others as failed.",
            ),
        ),
        401 | 403 => wrong(
            format!(
                "{route} asks for a credential (HTTP {status}), so no platform or monitor can see the service's health"
            ),
            Some("Leave health out of the layer that authenticates."),
        ),
        404 | 405 => wrong(
            format!("{route} is not there (HTTP {status})"),
            Some("Check base URL and route; if health moved, say where in [service] of the profile."),
        ),
        429 => Some(Fault {
            title: format!("{route} limits how often it may be asked, so it was not seen"),
            actual: actual(reply),
            hint: Some("Leave health out of the rate limit, or try again later."),
            outcome: Verdict::Inconclusive,
        }),
        500.. if status == 503 || said(reply).is_some() => wrong(
            format!("{route} says that the service is not {claim} (HTTP {status})"),
            None,
        ),
        500.. => wrong(
            format!("{route} fails itself (HTTP {status})"),
            Some(
                "Read the service's log for this request; the route that should tell about trouble is in trouble.",
            ),
        ),
        _ => wrong(
            format!("{route} answers HTTP {status}, not whether the service is {claim}"),
            None,
        ),
    }
}

/// What is wrong with a 2xx answer, by its words.
fn in_words(claim: &str, route: &str, reply: &Reply) -> Option<Fault> {
    if reply.is_json()
        && reply.body.end == End::Complete
        && reply.body.json().is_none()
        && reply.status != 204
    {
        return Some(Fault {
            title: format!("{route} says that its body is JSON, and it is not"),
            actual: actual(reply),
            hint: None,
            outcome: Verdict::Fail,
        });
    }
    let said = said(reply)?;
    let (title, outcome) = match said.tone {
        Tone::Good => return None,
        Tone::Degraded => (
            format!("{route} says that the service is degraded"),
            Verdict::Degraded,
        ),
        Tone::Bad => (
            format!("{route} says that the service is not {claim}"),
            Verdict::Fail,
        ),
    };
    Some(Fault {
        title,
        actual: actual(reply),
        hint: None,
        outcome,
    })
}

/// Status, word and broken parts, in one line.
pub fn actual(reply: &Reply) -> String {
    let mut line = format!("HTTP {}", reply.status);
    if is_page(reply) {
        line.push_str(", text/html");
    }
    if let Some(said) = said(reply) {
        line.push_str(&format!(", {}", shown(&said)));
    }
    for part in broken(reply).iter().take(3) {
        line.push_str(&format!(", {}", shown(part)));
    }
    line
}

/// A place and its value: `database: error`.
pub fn shown(said: &Said) -> String {
    let place = said.at.trim_start_matches('/').replace('/', ".");
    match place.as_str() {
        "" => format!("\"{}\"", clean(&said.word, 80)),
        place => format!("{}: {}", clean(place, 60), clean(&said.word, 80)),
    }
}

/// Whether an answer of another health route is the truth about a wait, as far as it and its neighbours tell: a 503 that the
/// contract documents for it, that calls no part broken, while health itself says that all is well.
pub fn waits_truthfully(view: &View<'_>, exchange: &Exchange, reply: &Reply) -> bool {
    let path = exchange.probe.path_text();
    let found = view
        .contract
        .and_then(|contract| contract.find("GET", path, view.target.base_path()).ok());
    let documented = found.is_some_and(|found| {
        let mut responses = found.operation.responses.iter();
        responses.any(|response| response.status == StatusKey::Exact(503))
    });
    let is_well = latest(view).is_some_and(|(_, reply)| claims_well(reply));
    reply.status == 503 && documented && is_well && broken(reply).is_empty()
}
