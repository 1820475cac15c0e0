//! Some routes carry CORS headers and others do not, successes included: the layer is mounted on a router, not on the application.

use crate::cors::refusal::Refusal;
use crate::cors::sentence::listed;
use crate::diagnosis::browser::{self, Met, Stopped};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct CorsMissingOnRoute;

impl Cause for CorsMissingOnRoute {
    fn id(&self) -> &'static str {
        "cors-missing-on-route"
    }

    fn about(&self) -> &'static str {
        "Some routes carry CORS headers and others do not, successes included."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "Successes of one operation with CORS headers, and of another without any.",
            likely: &[
                "The layer is mounted on one router, blueprint or sub-application (app.mount in FastAPI, nest in axum)",
                "Routes that were registered before the middleware are outside it (Express, actix-web scopes)",
                "@cross_origin or a decorator stands on some handlers only",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let met = browser::met(case);
        let with = operations(met.iter().filter(|met| is_success(met) && met.refusal.is_none()));
        let stopped: Vec<Stopped<'_>> = browser::stopped(case).into_iter().filter(is_unanswered).collect();
        let without = operations(met.iter().filter(|met| {
            let operation = met.exchange.probe.operation();
            // Where no success was seen, a preflight that is as bare shows that it is not errors alone.
            let route = is_success(met)
                || stopped
                    .iter()
                    .any(|one| one.preflight.made.call.to_string() == operation);
            route && is_bare(met) && met.reply.status < 500
        }));
        // A route that does both is no matter of routing.
        let reads = operations(met.iter().filter(|met| met.refusal.is_none()));
        let without: Vec<String> = without
            .into_iter()
            .filter(|operation| !reads.contains(operation))
            .collect();
        if with.is_empty() || without.is_empty() {
            return None;
        }
        let answers = met.iter().filter(|met| {
            is_bare(met) && met.reply.status < 500 && is_on(&without, met.exchange.probe.path_text())
        });
        let preflights = stopped
            .iter()
            .filter(|one| without.contains(&one.preflight.made.call.to_string()));
        let bare: Vec<&Exchange> = answers
            .map(|met| met.exchange)
            .chain(preflights.map(|one| one.exchange))
            .collect();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{} {} without CORS headers, though {} {} them: the CORS layer does not wrap every route",
                listed(&without),
                if without.len() == 1 { "leaves" } else { "leave" },
                listed(&with),
                if with.len() == 1 { "carries" } else { "carry" },
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&bare),
            ruled_out: vec!["the list of origins".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Put the CORS layer around the whole application, not around single routers or routes"
                    .to_owned(),
            ],
            explains: explained(browser::blocked(case, &bare)),
        })
    }
}

/// Whether a preflight got an answer that knows nothing of CORS, and neither a crash nor a question for credentials.
fn is_unanswered(stopped: &Stopped<'_>) -> bool {
    browser::allowed(stopped.reply).is_empty() && matches!(stopped.reply.status, 200..300 | 404 | 405 | 501)
}

/// Whether one of these operations is on this path.
fn is_on(operations: &[String], path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    operations
        .iter()
        .any(|operation| operation.split_once(' ').is_some_and(|(_, at)| at == path))
}

fn is_success(met: &Met<'_>) -> bool {
    met.reply.status < 400
}

/// Whether the answer carries no CORS header at all.
fn is_bare(met: &Met<'_>) -> bool {
    matches!(met.refusal, Some(Refusal::MissingAllowOriginHeader { .. }))
}

/// The operations of these answers, sorted, each once.
fn operations<'c: 'm, 'm>(met: impl Iterator<Item = &'m Met<'c>>) -> Vec<String> {
    let mut all: Vec<String> = met.map(|met| met.exchange.probe.operation()).collect();
    all.sort();
    all.dedup();
    all
}
