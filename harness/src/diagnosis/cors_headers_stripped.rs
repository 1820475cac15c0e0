//! A CORS layer decides for the page, and what it decides does not arrive: something in front takes the header away.

use std::collections::{HashMap, HashSet};

use crate::check::pages;
use crate::cors::header::HeaderList;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Origin, Text};

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
            help: None,
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
    let mut strangers: HashMap<Asked<'_>, HashSet<Treated>> = HashMap::new();
    let (own, others): (Vec<_>, Vec<_>) = case
        .view
        .answers()
        .filter(|(exchange, _)| exchange.probe.page.is_some())
        .partition(|(exchange, _)| browser::comes_from(exchange, origin));
    for (exchange, reply) in others {
        let treated = Treated {
            refused: is_refusal(exchange, reply),
            beside: beside(reply),
        };
        strangers.entry(asked(exchange)).or_default().insert(treated);
    }
    let is_admitted = |(exchange, reply): &(&Exchange, &Reply)| {
        let succeeds = exchange.probe.is_preflight() && (200..300).contains(&reply.status);
        let beside = beside(reply);
        strangers.get(&asked(exchange)).is_some_and(|ways| {
            let more = |other: &Treated| beside.iter().zip(other.beside).any(|(own, other)| *own && !other);
            ways.iter()
                .any(|other| (succeeds && other.refused) || more(other))
        })
    };
    own.into_iter()
        .filter(is_admitted)
        .map(|(exchange, _)| exchange)
        .collect()
}

/// What is asked, whoever asks it: a preflight or not, method, path.
type Asked<'c> = (bool, &'c str, &'c Text);

fn asked(exchange: &Exchange) -> Asked<'_> {
    let probe = &exchange.probe;
    (probe.is_preflight(), &probe.method, &probe.path)
}

/// How a layer treats a page.
#[derive(PartialEq, Eq, Hash)]
struct Treated {
    /// Whether its preflight is refused.
    refused: bool,
    /// Which of [`BESIDES`] it gets.
    beside: [bool; BESIDES.len()],
}

fn beside(reply: &Reply) -> [bool; BESIDES.len()] {
    BESIDES.map(|name| HeaderList(&reply.headers).contains(name))
}

/// How layers answer a preflight of an origin that they do not know: poem with 403, Starlette with 400.
fn is_refusal(exchange: &Exchange, reply: &Reply) -> bool {
    matches!(reply.status, 400 | 403) && exchange.probe.is_preflight() && browser::allowed(reply).is_empty()
}
