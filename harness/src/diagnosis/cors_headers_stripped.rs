//! A CORS layer decides for the page, and what it decides does not arrive: something in front takes the header away.

use crate::check::pages;
use crate::cors::header::HeaderList;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::Origin;

/// What a layer adds for a page that it admits, besides the header that browsers look at first.
const BESIDES: [&str; 2] = [
    "access-control-allow-credentials",
    "access-control-expose-headers",
];

/// The cause.
pub struct CorsHeadersStripped;

impl Cause for CorsHeadersStripped {
    fn id(&self) -> &'static str {
        "cors-headers-stripped"
    }

    fn about(&self) -> &'static str {
        "The service decides for the page's origin, and Access-Control-Allow-Origin is taken away on the way."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Edge],
            needs: "A layer that treats the page's origin otherwise than a stranger's, and no Access-Control-Allow-Origin on any answer.",
            likely: &[
                "The proxy hides the service's CORS headers to add its own (nginx proxy_hide_header, Envoy response_headers_to_remove), and does not add them",
                "A gateway or CDN passes on only a list of headers",
                "The proxy replaces the header by a variable that is empty in this environment",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let stripped: Vec<(&Origin, Vec<&Exchange>)> = pages::abroad(case.view.target)
            .filter(|client| !names_any(case, &client.origin))
            .map(|client| (&client.origin, admitted(case, &client.origin)))
            .filter(|(_, admitted)| !admitted.is_empty())
            .collect();
        let (origin, admitted) = stripped.first()?;
        let met: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| {
                stripped
                    .iter()
                    .any(|(origin, _)| browser::comes_from(exchange, origin))
            })
            .filter(|exchange| !exchange.is_server_error())
            .collect();
        let explains = explained(browser::blocked(case, &met));
        if explains.is_empty() {
            return None;
        }
        let mut next_steps = vec![
            "Ask the service behind the proxy the same, and compare the headers: what it sends and the page does not get is taken \
             away in between"
                .to_owned(),
            "Look in the proxy's configuration for what hides, removes or replaces response headers".to_owned(),
        ];
        next_steps.extend(
            admitted
                .first()
                .and_then(|exchange| browser::curl(case, exchange)),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The service admits the page at {origin}, and Access-Control-Allow-Origin does not arrive: something in front of \
                 it takes the header away"
            ),
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence: words::seen(admitted),
            ruled_out: vec![
                "an origin that is not on the list: a stranger's is answered otherwise".to_owned(),
            ],
            likely_causes: Vec::new(),
            next_steps,
            explains,
        })
    }
}

/// Whether anything that came from a page of this origin was told who may read, rightly or wrongly.
fn names_any(case: &Case<'_>, origin: &Origin) -> bool {
    case.view
        .answers()
        .any(|(exchange, reply)| browser::comes_from(exchange, origin) && !browser::allowed(reply).is_empty())
}

/// The answers to a page of this origin that a page of a stranger does not get: a preflight that succeeds, or the headers that
/// go with an admitted origin.
fn admitted<'c>(case: &Case<'c>, origin: &Origin) -> Vec<&'c Exchange> {
    let pages = |from_there: bool| {
        let answers = case.view.answers();
        answers.filter(move |(exchange, _)| {
            exchange.probe.page.is_some() && browser::comes_from(exchange, origin) == from_there
        })
    };
    let is_like = |one: &Exchange, other: &Exchange| {
        one.probe.is_preflight() == other.probe.is_preflight()
            && one.probe.path == other.probe.path
            && one.probe.method == other.probe.method
    };
    pages(true)
        .filter(|(own, reply)| {
            pages(false)
                .filter(|(strange, _)| is_like(own, strange))
                .any(|(strange, other)| {
                    let refused = own.probe.is_preflight()
                        && (200..300).contains(&reply.status)
                        && is_refusal(strange, other);
                    let more = BESIDES.iter().any(|name| has(reply, name) && !has(other, name));
                    refused || more
                })
        })
        .map(|(exchange, _)| exchange)
        .collect()
}

/// How layers answer a preflight of an origin that they do not know: poem with 403, Starlette with 400.
fn is_refusal(exchange: &Exchange, reply: &Reply) -> bool {
    matches!(reply.status, 400 | 403) && exchange.probe.is_preflight() && browser::allowed(reply).is_empty()
}

fn has(reply: &Reply, name: &str) -> bool {
    HeaderList(&reply.headers).contains(name)
}
