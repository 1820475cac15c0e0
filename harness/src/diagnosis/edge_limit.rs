//! Normal recordings are larger than what is let through. Small requests work, so every test with a short text is green.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::{Marker, edge_wrote};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::probe::{Body, Mutation};

/// The cause.
pub struct EdgeLimit;

impl Cause for EdgeLimit {
    fn id(&self) -> &'static str {
        "edge-limit"
    }

    fn about(&self) -> &'static str {
        "A body limit is smaller than what users send: their recordings are refused with 413, short texts pass."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "A 413 to a body that a user would send, an audio sample inside JSON, and mostly a smaller one that passed.",
            likely: &[
                "nginx: client_max_body_size is at its default of 1 MB",
                "A framework limit was set for JSON and not for audio: express.json 100 kB, Fastify bodyLimit 1 MiB, axum's DefaultBodyLimit 2 MB",
                "The limit counts raw audio, and base64 adds a third",
                "A serverless platform's own limit: 4.5 MB (Vercel), 6 MB (AWS Lambda)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let refused: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.status() == Some(413) && is_real(exchange))
            .collect();
        let findings = case.about(&refused);
        findings.iter().find(|finding| finding.fails())?;
        let first = refused.first()?;
        let operation = first.probe.operation();
        let size = |exchange: &&Exchange| exchange.sent.as_ref().map_or(0, |sent| sent.body_length);
        let smallest = refused.iter().map(size).min()?;
        let passed = case.view.exchanges.iter().filter(|exchange| {
            exchange.probe.operation() == operation && exchange.status().is_some_and(|status| status < 400)
        });
        let largest = passed.map(|exchange| size(&exchange)).max();
        let marker = Marker::learn(case.view);
        let by_edge = first.answer().and_then(|reply| edge_wrote(reply, &marker));
        let mut evidence = words::seen(&refused);
        evidence.extend(largest.map(|bytes| format!("a body of {bytes} bytes passed")));
        evidence.extend(
            by_edge
                .clone()
                .map(|why| format!("the refusal is not the application's: {why}")),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{operation} refuses a normal recording of {smallest} bytes as too large (HTTP 413)"),
            blame: if by_edge.is_some() { Blame::Edge } else { Blame::Deploy },
            confidence: Confidence::Certain,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Raise the limit above what clients upload, base64 included, which adds a third (nginx: client_max_body_size)".to_owned(),
                "Look at every layer on the way: platform, proxy, framework; the smallest limit counts".to_owned(),
                "Let the refusal carry CORS headers, so that pages can tell users why".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &refused))),
        })
    }
}

/// Whether it is what a user would send, not a body that is made to be too large.
fn is_real(exchange: &Exchange) -> bool {
    let good = exchange
        .probe
        .who
        .as_ref()
        .is_none_or(|who| who.mutation == Mutation::AsIs);
    good && matches!(&exchange.probe.body, Body::Json { inserts, .. } if !inserts.is_empty())
}
