//! `OPTIONS` runs the operation: a preflight takes as long as the call.

use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct PreflightDoesWork;

impl Cause for PreflightDoesWork {
    fn id(&self) -> &'static str {
        "preflight-does-work"
    }

    fn about(&self) -> &'static str {
        "OPTIONS is bound to the operation itself, so that each preflight does, and costs, what the call does."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Cost,
            blames: &[Blame::Deploy],
            needs: "A preflight that takes as long as the call itself, while a plain read is quick.",
            likely: &[
                "OPTIONS is in the methods of the handler, and the CORS layer only adds headers",
                "A serverless function does not tell methods apart",
                "A middleware loads the model or the user before the method is looked at",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("cors/preflight-does-no-work");
        let first = case.shown(found.first()?)?;
        let mut next_steps = vec![
            "Look at the route: bind the operation to its own method, and let the CORS layer answer OPTIONS before it".to_owned(),
            "Look in the service's log or at the provider's bill for calls that nobody made".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "OPTIONS {} seems to do the work of the call: a preflight takes as long",
                first.probe.path_text()
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: found.iter().map(|finding| finding.actual.clone()).collect(),
            ruled_out: vec!["a slow network or service: a plain read is quick".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(found),
        })
    }
}
