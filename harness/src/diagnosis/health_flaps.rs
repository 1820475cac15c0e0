//! Instances behind one address disagree about their health.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;
use crate::model::finding::Layer;

/// The cause.
pub struct HealthFlaps;

impl Cause for HealthFlaps {
    fn id(&self) -> &'static str {
        "health-flaps"
    }

    fn about(&self) -> &'static str {
        "Health says well and not well in turns."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "The health route asked several times, with two different opinions.",
            likely: &[
                "One instance has lost its database or its secret, and the balancer does not take it out",
                "The health check of a dependency has a time limit close to how long it takes",
                "A worker that is starting up answers before it is ready",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let steady = case.of("health/steady");
        let first = *steady.first()?;
        let route =
            |finding: &&Finding| finding.layer == Layer::Health && finding.subject.contains(&first.subject);
        let shown = |finding: &&Finding| {
            let exchange = case.shown(finding);
            exchange.is_some_and(|exchange| exchange.probe.operation() == first.subject)
        };
        let found: Vec<&Finding> = case
            .findings
            .iter()
            .filter(|finding| route(finding) || shown(finding))
            .collect();
        let shown: Vec<_> = found.iter().filter_map(|finding| case.shown(finding)).collect();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("Replicas disagree about health: {}", first.actual),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&shown),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Ask each instance by itself, and compare its configuration and its connections with those of the others".to_owned(),
                "Take the bad one out of rotation, and let the balancer read the status code of health".to_owned(),
            ],
            explains: explained(found),
        })
    }
}
