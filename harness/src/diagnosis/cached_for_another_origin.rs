//! A shared cache gives a page the CORS headers of whoever asked before it.

use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct CachedForAnotherOrigin;

impl Cause for CachedForAnotherOrigin {
    fn id(&self) -> &'static str {
        "cached-for-another-origin"
    }

    fn about(&self) -> &'static str {
        "A cache in front replays the CORS headers of the first caller, so which page works depends on who came first."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Edge],
            needs: "The same route asked for two origins through the same cache: the second gets the header of the first.",
            likely: &[
                "The application sends no Vary: Origin, and the CDN caches the route",
                "The CDN ignores Vary (Cloudflare does, for all but images) and has no cache key with the Origin",
                "A later layer overwrites Vary with Accept-Encoding",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("cors/cached-for-each-origin");
        let first = *found.first()?;
        let exchanges = browser::shown(case, &found);
        let mut evidence: Vec<String> = found.iter().map(|finding| finding.actual.clone()).collect();
        evidence.extend(words::seen(&exchanges));
        // The cache gives the same to the route without a query, and to every other answer that it keeps.
        let follows = |finding: &&Finding| {
            matches!(
                finding.check.as_str(),
                "cors/readable" | "cors/vary-on-origin" | "cors/vary-kept"
            ) && finding.subject.starts_with(&first.subject)
        };
        let mut next_steps = vec![
            "Let the cache tell requests apart by Origin: Vary: Origin on every answer, and a cache that heeds it; or keep no \
             answer of the API"
                .to_owned(),
            "Purge the cache then: what it holds stays wrong until it expires".to_owned(),
        ];
        next_steps.extend(
            exchanges
                .last()
                .and_then(|exchange| browser::curl(case, exchange)),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "A cache replays the CORS headers of the first caller of {}: which page works depends on who came first",
                first.subject
            ),
            blame: Blame::Edge,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec![
                "the list of origins: the page reads the same route when it asks first".to_owned(),
            ],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(found.iter().copied().chain(case.findings.iter().filter(follows))),
        })
    }
}
