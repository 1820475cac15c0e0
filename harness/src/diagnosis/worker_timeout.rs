//! Work is killed after a fixed time: the connection ends without an answer, always after about as long.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Phase, WireFault};

/// The cause.
pub struct WorkerTimeout;

impl Cause for WorkerTimeout {
    fn id(&self) -> &'static str {
        "worker-timeout"
    }

    fn about(&self) -> &'static str {
        "A supervisor kills work after a fixed time, so calls end without an answer, all after about as long."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Deploy],
            needs: "At least two connections that close without an answer after about the same, long time.",
            likely: &[
                "gunicorn's --timeout (30 s by default) kills a synchronous worker during a long call",
                "A serverless function's limit ends it, and the front closes the connection",
                "A watchdog or uWSGI's harakiri takes slow work for a hang",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let least = case.view.target.bounds.paid_deadline_ms.saturating_mul(1_000) / 5;
        let killed: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| is_dropped(exchange) && exchange.phases.wait.is_some_and(|wait| wait >= least))
            .collect();
        let mut waits: Vec<u64> = killed
            .iter()
            .filter_map(|exchange| exchange.phases.wait)
            .collect();
        waits.sort_unstable();
        let usual = *waits.get(waits.len() / 2)?;
        let alike = waits
            .iter()
            .filter(|wait| wait.abs_diff(usual) <= usual / 4)
            .count();
        let findings = case.about(&killed);
        findings.iter().find(|finding| finding.fails())?;
        // Two crashes seldom take equally long; of many kills a busy machine may tell one late.
        if alike < 2 || alike * 3 < waits.len() * 2 {
            return None;
        }
        let first = killed.first()?;
        let operation = first.probe.operation();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{operation} is killed after about {} ms: the connection ends without an answer, {} times",
                usual / 1_000,
                killed.len()
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&killed),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Compare the supervisor's time limit (gunicorn --timeout: 30 s) with how long the work takes"
                    .to_owned(),
                format!("Look for a killed worker in the log at {}", words::clock(first)),
                "Give the work a limit of its own below that, and answer 504 with CORS headers".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &killed))),
        })
    }
}

fn is_dropped(exchange: &Exchange) -> bool {
    exchange.failure().is_some_and(|error| {
        matches!(error.fault, WireFault::ClosedWithoutAnswer | WireFault::Reset) && error.phase > Phase::Tls
    })
}
