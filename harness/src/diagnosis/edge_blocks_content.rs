//! A filter in front takes what users send for an attack, and lets everything else pass.

use crate::check::edge::is_challenge;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::{Marker, edge_wrote};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};

/// The cause.
pub struct EdgeBlocksContent;

impl Cause for EdgeBlocksContent {
    fn id(&self) -> &'static str {
        "edge-blocks-content"
    }

    fn about(&self) -> &'static str {
        "A filter in front refuses some bodies of an operation, audio most often, and lets others pass."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Edge],
            needs: "A 403 or 406 that the edge wrote, and other bodies to the same operation that passed.",
            likely: &[
                "A managed rule set (OWASP CRS, AWS WAF) takes base64 audio for an injection",
                "A rule on body size or on file uploads was switched from counting to blocking",
                "Words in the text look like SQL or a shell to the filter",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let marker = Marker::learn(case.view);
        let is_block = |reply: &Reply| {
            matches!(reply.status, 403 | 406) && (is_challenge(reply) || edge_wrote(reply, &marker).is_some())
        };
        let blocked: Vec<&Exchange> = case
            .view
            .answers()
            .filter(|(_, reply)| is_block(reply))
            .map(|(exchange, _)| exchange)
            .collect();
        let findings = case.about(&blocked);
        findings.iter().find(|finding| finding.fails())?;
        let operation = blocked.first()?.probe.operation();
        let passed = case
            .view
            .answers()
            .filter(|(exchange, reply)| exchange.probe.operation() == operation && !is_block(reply))
            .count();
        if passed == 0 {
            return None;
        }
        let mut evidence = words::seen(&blocked);
        evidence.push(format!(
            "{passed} other requests to {operation} reached the application"
        ));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("A filter in front blocks some bodies of {operation} and lets others pass"),
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Read the firewall's log for this time: which rule matched what?".to_owned(),
                "Exempt the operation from rules that look into bodies: base64 of audio looks like anything"
                    .to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &blocked))),
        })
    }
}
