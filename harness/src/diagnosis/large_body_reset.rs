//! Large requests end in a reset where small ones to the same operation are answered: the refusal is lost.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Phase, WireFault};
use crate::model::probe::Body;

/// The cause.
pub struct LargeBodyReset;

/// A body below this is none that a limit is for, in bytes.
const LARGE: u64 = 16 * 1024;

impl Cause for LargeBodyReset {
    fn id(&self) -> &'static str {
        "large-body-reset"
    }

    fn about(&self) -> &'static str {
        "The connection is reset under large bodies, where small ones pass: a limit whose 413 nobody can read."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "Resets under large bodies alone, and a smaller body to the same operation that was answered.",
            likely: &[
                "The server answers 413 and closes before it has read the body, so that the answer is lost (RFC 9112 §9.6)",
                "Reading the body whole takes more memory than the process may use",
                "The proxy's limit on buffered uploads ends the connection",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let size = |exchange: &Exchange| exchange.sent.as_ref().map_or(0, |sent| sent.body_length);
        let lost: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| is_lost(exchange) && size(exchange) >= LARGE)
            .collect();
        let first = lost.first()?;
        let operation = first.probe.operation();
        let smallest = lost.iter().map(|exchange| size(exchange)).min()?;
        // A body that parses nowhere and is lost all the same never came to the work: then any answer to a smaller one shows
        // that it is the size. Else the work may be what ends the connection.
        let unread = lost
            .iter()
            .any(|exchange| matches!(exchange.probe.body, Body::BrokenLarge { .. }));
        let passed = case.view.exchanges.iter().filter(|exchange| {
            let tells = |status: u16| status < if unread { 500 } else { 300 };
            exchange.probe.operation() == operation && exchange.status().is_some_and(tells)
        });
        let largest = passed.map(size).max().filter(|largest| *largest < smallest)?;
        let findings = case.about(&lost);
        findings.iter().find(|finding| finding.fails())?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{operation} resets the connection under a body of {smallest} bytes, while one of {largest} passes"
            ),
            blame: Blame::Unknown,
            confidence: Confidence::Likely,
            evidence: words::seen(&lost),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look for a body limit on the way that closes without reading: let it answer 413 and read on until the client is done (RFC 9112 §9.6)".to_owned(),
                format!("If there is none, read the application's log at {}: the work on large bodies may kill it", words::clock(first)),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &lost))),
        })
    }
}

fn is_lost(exchange: &Exchange) -> bool {
    exchange.failure().is_some_and(|error| {
        matches!(error.fault, WireFault::ClosedWithoutAnswer | WireFault::Reset) && error.phase > Phase::Tls
    })
}
