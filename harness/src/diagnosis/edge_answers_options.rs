//! Preflights never reach the application: the proxy answers OPTIONS itself, with nothing in it.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::Marker;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};

/// The cause.
pub struct EdgeAnswersOptions;

impl Cause for EdgeAnswersOptions {
    fn id(&self) -> &'static str {
        "edge-answers-options"
    }

    fn about(&self) -> &'static str {
        "A proxy answers OPTIONS itself, without CORS headers, so no preflight reaches the application that would allow it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Edge],
            needs: "Preflights that are empty successes without the application's mark, while other answers carry CORS headers.",
            likely: &[
                "An nginx rule `if ($request_method = OPTIONS) { return 204; }` without the headers",
                "An API gateway answers OPTIONS by a mock integration that was never given headers",
                "A firewall's preset takes OPTIONS for a scan and answers it itself",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let failing = case.of("cors/preflight-allowed");
        failing.iter().find(|finding| finding.fails())?;
        let marker = Marker::learn(case.view);
        let preflights: Vec<(&Exchange, &Reply)> = case
            .view
            .answers()
            .filter(|(exchange, _)| exchange.probe.is_preflight())
            .collect();
        let empty = |reply: &Reply| {
            (200..300).contains(&reply.status)
                && reply.header("access-control-allow-origin").is_none()
                && marker.is_on(reply) == Some(false)
        };
        let allowed_elsewhere = case.view.answers().any(|(exchange, reply)| {
            !exchange.probe.is_preflight() && reply.header("access-control-allow-origin").is_some()
        });
        if preflights.is_empty() || !preflights.iter().all(|(_, reply)| empty(reply)) || !allowed_elsewhere {
            return None;
        }
        let exchanges: Vec<&Exchange> = preflights.iter().map(|(exchange, _)| *exchange).collect();
        let mut evidence = words::seen(&exchanges);
        evidence.push(format!(
            "no answer to OPTIONS carries {}, which every healthy answer of the application does",
            marker.headers.join(", ")
        ));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: "OPTIONS never reaches the application: what stands in front answers it without CORS headers"
                .to_owned(),
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Hand OPTIONS on to the application, or let the proxy answer it with the whole of CORS, not both".to_owned(),
                "Look for a rule such as `if ($request_method = OPTIONS) { return 204; }`".to_owned(),
            ],
            explains: explained(case.about(&exchanges)),
        })
    }
}
