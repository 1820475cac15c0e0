//! The provider is down, says the AI health route; every call is a success with nothing in it.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::is_good_call;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::about_the_work;
use crate::diagnosis::upstream_failing::ai_health;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct OutageHidden;

impl Cause for OutageHidden {
    fn id(&self) -> &'static str {
        "outage-hidden"
    }

    fn about(&self) -> &'static str {
        "The provider is down, and calls are answered as successes with nothing in them."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Deploy],
            needs: "The AI health route calls the provider broken, and good calls are successes with nothing in them.",
            likely: &[
                "A bare except around the provider's client returns an empty default",
                "A circuit breaker's fallback answers 200 while it is open",
                "An await or a Result is dropped, so that its failure is nobody's",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told = ai_health(case)?;
        let good = |exchange: &&Exchange| {
            is_good_call(case.view.target, &exchange.probe)
                && exchange
                    .status()
                    .is_some_and(|status| (200..300).contains(&status))
        };
        let hollow: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(good)
            .filter(|exchange| {
                about_the_work(case, &[exchange])
                    .iter()
                    .any(|finding| finding.fails())
            })
            .collect();
        let first = hollow.first()?;
        let operation = first.probe.operation();
        let mut evidence = words::seen(&hollow);
        evidence.push(format!(
            "the AI health route says: {}",
            crate::check::text::clean(&told, 120)
        ));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("The provider behind {operation} is down, and its calls are answered as empty successes"),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look at the provider's status page, and ask it the same by hand".to_owned(),
                "Find the catch-all around the provider's client that returns nothing, and answer 503 with Retry-After in its place"
                    .to_owned(),
            ],
            explains: explained(
                about_the_work(case, &hollow)
                    .into_iter()
                    .chain(case.of("health/ai-healthy")),
            ),
        })
    }
}
