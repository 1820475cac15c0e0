//! Health comes from a cache: it describes the past, and so may every green light that rests on it.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Severity};

/// The cause.
pub struct StaleHealth;

impl Cause for StaleHealth {
    fn id(&self) -> &'static str {
        "stale-health"
    }

    fn about(&self) -> &'static str {
        "The health answer is kept and given again: by a CDN, a proxy, or the service itself."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Health,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "The health answer's own time, Date and Age against the clock of the run, and cache headers.",
            likely: &[
                "A page rule of the CDN caches everything below the host",
                "The handler's result is memoised (lru_cache, a fetch cache in Next.js) and never expires",
                "No Cache-Control is sent, so that a proxy may guess",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let stale: Vec<&Finding> = case
            .of("health/fresh")
            .into_iter()
            .filter(|finding| finding.severity > Severity::Minor && !finding.subject.ends_with(" clock"))
            .collect();
        let first = stale.iter().find(|finding| finding.fails())?;
        let by_cache = case.shown(first).is_some_and(is_stamped);
        let (blame, where_to) = if by_cache {
            (
                Blame::Edge,
                "Find which cache adds that header, exempt the health route there, and purge it",
            )
        } else {
            (
                Blame::Deploy,
                "Look for a cache or a decorator around the health handler, and for a clock that is off",
            )
        };
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: first.title.clone(),
            blame,
            confidence: Confidence::Likely,
            evidence: vec![first.actual.clone()],
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                where_to.to_owned(),
                "Send Cache-Control: no-store with every health answer".to_owned(),
                "Then verify again: what health said in this run is about the past".to_owned(),
            ],
            explains: explained(stale),
        })
    }
}

/// Whether a header says that a cache answered.
fn is_stamped(exchange: &Exchange) -> bool {
    let names = [
        "age",
        "x-cache",
        "cf-cache-status",
        "x-vercel-cache",
        "x-cache-status",
        "x-proxy-cache",
    ];
    exchange.answer().is_some_and(|reply| {
        names
            .iter()
            .any(|name| reply.header(name).is_some_and(|value| value != "0"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::whole_tests::{causes, first, judged};

    #[test]
    fn a_cached_answer_is_named_and_a_fresh_one_is_not() {
        let health = |header| {
            judged(
                &target(),
                &[answered(1, &asks::read("/health"), 200, &[header], "ok")],
            )
        };
        let run = health(("age", "86400"));
        assert_eq!(first(&run).cause, "stale-health");
        assert_eq!(first(&run).blame, Blame::Edge);
        assert!(!causes(&health(("age", "0"))).contains(&"stale-health"));
    }

    #[test]
    fn an_old_time_without_a_cache_is_the_service_s_own() {
        let body = r#"{"status":"ok","timestamp":"1969-12-31T00:00:00Z"}"#;
        let run = judged(&target(), &[answered(1, &asks::read("/health"), 200, &[], body)]);
        assert_eq!(
            (first(&run).cause.as_str(), first(&run).blame),
            ("stale-health", Blame::Deploy)
        );
    }
}
