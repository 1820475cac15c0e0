//! The edge gives up before the work is done. Short inputs pass, so it looks like chance.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::{Marker, edge_wrote};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct EdgeTimeout;

impl Cause for EdgeTimeout {
    fn id(&self) -> &'static str {
        "edge-timeout"
    }

    fn about(&self) -> &'static str {
        "A proxy or platform in front gives up (504, 524) before the work is done; the application may still be at it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Edge],
            needs: "A 504 or 524 that the application did not write, with how long it took.",
            likely: &[
                "The platform's limit (Heroku 30 s, nginx proxy_read_timeout 60 s, Cloudflare 100 s) is shorter than the work",
                "The provider became slower, and the application sets no limit of its own",
                "Long recordings are worked on within the request instead of in a job",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let marker = Marker::learn(case.view);
        let late: Vec<&Exchange> = case
            .view
            .answers()
            .filter(|(_, reply)| matches!(reply.status, 504 | 524) && edge_wrote(reply, &marker).is_some())
            .map(|(exchange, _)| exchange)
            .collect();
        let findings = case.about(&late);
        findings.iter().find(|finding| finding.fails())?;
        let operation = late.first()?.probe.operation();
        let waits = late.iter().filter_map(|exchange| exchange.phases.wait);
        let longest = waits.max()? / 1_000;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("The edge gives up on {operation} after {longest} ms, before the application answers"),
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence: words::seen(&late),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Compare the time limits on the way (platform, proxy, server) with how long the work takes; the shortest counts".to_owned(),
                format!(
                    "Find this request in the application's log at {}{}: how long did it go on?",
                    words::clock(late.first()?),
                    words::request_id(late.first()?)
                ),
                "Give the application's own calls a limit below the edge's, so that it can answer, with CORS headers, itself".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &late))),
        })
    }
}
