//! CORS works, and the page's origin is not on the deployed list: a new domain, a slash at its end, the other environment's
//! setting. What the list does hold, as far as it was seen, usually shows which.

use crate::check::pages;
use crate::cors::header::HeaderList;
use crate::cors::nearest::nearest;
use crate::cors::sentence::{listed, quoted};
use crate::cors::vary::varies_on_origin;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::Origin;

/// The cause.
pub struct OriginNotListed;

impl Cause for OriginNotListed {
    fn id(&self) -> &'static str {
        "origin-not-listed"
    }

    fn about(&self) -> &'static str {
        "CORS works, and the page's own origin is missing from the deployed list, or is spelt otherwise there."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "A CORS layer that answers, never names the page's origin, and names another or says that it depends on the origin.",
            likely: &[
                "The page moved to a new domain, or to www, and the list was not extended",
                "A slash at the end, a missing scheme, a port, quotes or spaces in the list's variable",
                "The list of another environment is deployed here",
                "Preview deploys get a new host each time, and the list holds fixed ones",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let left_out: Vec<&Origin> = pages::abroad(case.view.target)
            .map(|client| &client.origin)
            .filter(|origin| is_left_out(case, origin))
            .collect();
        let origin = *left_out.first()?;
        let refused: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| {
                left_out
                    .iter()
                    .any(|origin| browser::comes_from(exchange, origin))
            })
            .filter(|exchange| !exchange.is_server_error())
            .collect();
        let explains = explained(browser::blocked(case, &refused));
        if explains.is_empty() {
            return None;
        }
        let seen = others(case);
        let near = nearest(origin, &seen);
        let statement = match &near {
            _ if is_fixed(case, &seen) => format!(
                "Every page is answered {}, whoever asks: the value is fixed, and the page at {origin} is not the one",
                listed(&seen)
            ),
            Some((entry, difference)) => format!(
                "The page's origin {origin} is not on the deployed list; the nearest entry is {}: {difference}",
                quoted(entry)
            ),
            None => format!("The page's origin {origin} is not on the deployed list of origins"),
        };
        let mut evidence = words::seen(&refused);
        if !seen.is_empty() {
            evidence.push(format!("allowed, as far as was seen: {}", listed(&seen)));
        }
        let mut next_steps = vec![if is_fixed(case, &seen) {
            "Send back the origin that asked, when it is on the list, with Vary: Origin, instead of one value for all".to_owned()
        } else {
            format!(
                "Look at the list of origins in this environment's settings, byte for byte, and put {origin} on it"
            )
        }];
        next_steps.extend(refused.first().and_then(|exchange| browser::curl(case, exchange)));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Deploy,
            confidence: if seen.is_empty() {
                Confidence::Likely
            } else {
                Confidence::Certain
            },
            evidence,
            ruled_out: vec!["CORS as such: a CORS layer answers".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains,
        })
    }
}

/// Whether one origin is sent to everybody, other pages and strangers included.
fn is_fixed(case: &Case<'_>, seen: &[String]) -> bool {
    let [only] = seen else { return false };
    let named = case
        .view
        .answers()
        .filter(|(_, reply)| !browser::allowed(reply).is_empty());
    let mut asked: Vec<&Origin> = named
        .filter_map(|(exchange, _)| exchange.probe.page.as_ref().map(|page| &page.origin))
        .filter(|origin| origin.0 != *only)
        .collect();
    asked.sort();
    asked.dedup();
    asked.len() > 1
}

/// Whether a CORS layer is there, answered this page, and never named it.
fn is_left_out(case: &Case<'_>, origin: &Origin) -> bool {
    let answered = answers(case, origin).any(|(_, reply)| reply.status < 500);
    let others = others(case);
    answered && !browser::is_named(case, origin) && (!others.is_empty() || chooses_by_origin(case, origin))
}

/// Every origin that the service was seen to allow to anybody.
fn others(case: &Case<'_>) -> Vec<String> {
    let mut seen: Vec<String> = case
        .view
        .answers()
        .flat_map(|(_, reply)| browser::allowed(reply))
        .filter(|value| value != "*")
        .collect();
    seen.sort();
    seen.dedup();
    seen
}

/// Whether something looked at this origin and decided against it, though it named none: the answer says that it depends on
/// the origin, lists what is allowed besides, speaks of CORS, or is a refusal that the same request without an origin does not get.
pub fn chooses_by_origin(case: &Case<'_>, origin: &Origin) -> bool {
    answers(case, origin).any(|(exchange, reply)| {
        let headers = HeaderList(&reply.headers);
        varies_on_origin(&reply.headers)
            || headers.contains("access-control-allow-methods")
            || headers.contains("access-control-allow-headers")
            || speaks_of_cors(reply)
            || is_refused_for_its_origin(case, exchange, reply)
    })
}

fn answers<'c>(case: &Case<'c>, origin: &Origin) -> impl Iterator<Item = (&'c Exchange, &'c Reply)> {
    case.view
        .answers()
        .filter(move |(exchange, _)| browser::comes_from(exchange, origin))
}

/// Starlette and Spring say so: `Disallowed CORS origin`, `Invalid CORS request`.
fn speaks_of_cors(reply: &Reply) -> bool {
    matches!(reply.status, 400 | 403) && reply.body.bytes.len() <= 200 && reply.body.text().contains("CORS")
}

/// poem answers 403 to an origin that is not listed, before routing.
fn is_refused_for_its_origin(case: &Case<'_>, exchange: &Exchange, reply: &Reply) -> bool {
    let plain = crate::model::probe::Probe {
        page: None,
        ..(*exchange.probe).clone()
    };
    matches!(reply.status, 400 | 403)
        && !exchange.probe.is_preflight()
        && case
            .view
            .answer(&plain)
            .is_some_and(|(_, plain)| plain.status < 400)
}
