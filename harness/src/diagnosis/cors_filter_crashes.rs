//! Only requests that carry an `Origin` crash: the filter that reads it fails, and the endpoint is healthy. Named before the
//! crash itself, since the same request without an origin was seen to work.

use crate::cors::lookalike::is_odd;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;

/// The cause.
pub struct CorsFilterCrashes;

impl Cause for CorsFilterCrashes {
    fn id(&self) -> &'static str {
        "cors-filter-crashes"
    }

    fn about(&self) -> &'static str {
        "The CORS filter itself fails on requests with an Origin header; the endpoints behind it are healthy."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "The same request twice: with an Origin header it fails, without one it works.",
            likely: &[
                "The filter parses the Origin and does not expect null, a port or letters beyond ASCII (poem's Cors with a wildcard list panics)",
                "An entry of the configured list is no origin: a trailing comma, quotes, a path",
                "\"*\" together with credentials, at which tower-http's CorsLayer panics",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("cors/origin-crashes-nothing");
        let first = case.shown(found.first()?)?;
        let crashed = crashed(case, &found);
        if is_refuted(case, &crashed) {
            return None;
        }
        let odd = crashed.iter().all(|exchange| {
            exchange
                .probe
                .page
                .as_ref()
                .is_some_and(|page| is_odd(&page.origin))
        });
        let plain: Vec<&Exchange> = browser::shown(case, &found)
            .into_iter()
            .filter(|exchange| exchange.probe.page.is_none())
            .collect();
        let mut evidence = words::seen(&crashed);
        evidence.extend(
            words::seen(&plain)
                .into_iter()
                .map(|line| format!("without an Origin header: {line}")),
        );
        let mut next_steps = vec![
            format!(
                "Read the service's log at {}{}: the error is in the CORS filter",
                words::clock(first),
                words::request_id(first)
            ),
            if odd {
                "Take an Origin that does not parse for one that is not listed, instead of failing at it"
                    .to_owned()
            } else {
                "Look at the configured list of origins: an entry that does not parse, or \"*\" together with credentials".to_owned()
            },
        ];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: if odd {
                "An Origin that no browser sends crashes the CORS filter, and anybody can send one".to_owned()
            } else {
                "Only requests that carry an Origin header crash: the CORS filter fails, not the endpoint"
                    .to_owned()
            },
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["the endpoint itself: the same request without an origin works".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(
                found
                    .iter()
                    .copied()
                    .chain(case.about(&crashed))
                    .chain(words::consequences(case, &crashed)),
            ),
        })
    }
}

/// Whether a page of the same origin was answered elsewhere: then the filter can read that origin, and something else crashes.
fn is_refuted(case: &Case<'_>, crashed: &[&Exchange]) -> bool {
    let from = |exchange: &Exchange| exchange.probe.page.as_ref().map(|page| page.origin.clone());
    let mut answers = case.view.answers().filter(|(_, reply)| reply.status < 500);
    answers.any(|(answered, _)| {
        let origin = from(answered);
        origin.is_some() && crashed.iter().any(|exchange| from(exchange) == origin)
    })
}

/// The requests of pages that crashed for the reason that was found. When nothing that has an origin gets an answer, the filter is
/// behind all of it.
fn crashed<'c>(case: &Case<'c>, found: &[&Finding]) -> Vec<&'c Exchange> {
    let mut answers = case.view.answers();
    let everything = !answers.any(|(exchange, reply)| exchange.probe.page.is_some() && reply.status < 500);
    let is_found = |exchange: &&Exchange| {
        let operation = exchange.probe.operation();
        let about =
            |finding: &&Finding| finding.subject == operation || finding.exchanges.contains(&exchange.id);
        everything || found.iter().any(about)
    };
    case.view
        .exchanges
        .iter()
        .filter(|exchange| exchange.probe.page.is_some())
        .filter(|exchange| exchange.is_server_error() || exchange.failure().is_some())
        .filter(is_found)
        .collect()
}
