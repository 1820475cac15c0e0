//! Answers depend on the origin and do not say so: a cache mixes up who may read what.

use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Severity;

/// The cause.
pub struct VaryMissing;

impl Cause for VaryMissing {
    fn id(&self) -> &'static str {
        "vary-missing"
    }

    fn about(&self) -> &'static str {
        "Answers that depend on the request's origin lack Vary: Origin, so caches give one caller's answer to another."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Cache,
            blames: &[Blame::Deploy],
            needs: "Answers to two origins that differ, and lack Vary: Origin.",
            likely: &[
                "poem's Cors and hand-written filters add no Vary",
                "Vary is set where an origin is allowed, and not on refusals or requests without one",
                "A later layer (compression, the CDN) replaces Vary in place of appending",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<_> = case
            .of("cors/vary-on-origin")
            .into_iter()
            .filter(|finding| finding.severity > Severity::Advisory)
            .collect();
        let worst = found.iter().map(|finding| finding.severity).max()?;
        let statement = if worst > Severity::Minor {
            "A cache may give one origin's answer to another: answers depend on the origin and lack Vary: Origin"
        } else {
            "Answers depend on the origin and lack Vary: Origin; the first cache in front will mix them up"
        };
        let exchanges = browser::shown(case, &found);
        let mut evidence: Vec<String> = found.iter().map(|finding| finding.actual.clone()).collect();
        evidence.extend(words::seen(&exchanges));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: statement.to_owned(),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["a constant Access-Control-Allow-Origin, which would need no Vary".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Add Vary: Origin to every answer, refusals and requests without an origin included; append to Vary".to_owned(),
                "Then purge the caches in front".to_owned(),
            ],
            explains: explained(case.of("cors/vary-on-origin")),
        })
    }
}
