//! `Access-Control-Allow-Origin` is there twice, or holds a list. Browsers join the values and match none.

use crate::cors::refusal::Refusal;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct DuplicateCorsHeaders;

impl Cause for DuplicateCorsHeaders {
    fn id(&self) -> &'static str {
        "duplicate-cors-headers"
    }

    fn about(&self) -> &'static str {
        "Access-Control-Allow-Origin is sent twice, or holds several origins, and browsers accept only one value."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "An answer with two Access-Control-Allow-Origin headers, or one that holds a list.",
            likely: &[
                "nginx add_header and the application's middleware both add them",
                "The middleware is registered twice: once for the application, once for a router or blueprint",
                "The configured list is joined with commas and sent as it is",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let several = browser::refused_for(case, is_several);
        let first = several.first()?;
        let lines = browser::allowed(first.answer()?).len();
        let (statement, step) = if lines > 1 {
            (
                "The CORS headers are sent twice: the service and something in front of it each add them, and browsers reject the pair",
                "Let one place add them: take them out of the proxy, or out of the service",
            )
        } else {
            (
                "Access-Control-Allow-Origin holds a list of origins, and browsers accept exactly one",
                "Send back the one origin that asked, when it is on the list, with Vary: Origin",
            )
        };
        let mut next_steps = vec![step.to_owned()];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: statement.to_owned(),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&several),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(browser::blocked(case, &several)),
        })
    }
}

/// Whether a header that may be there once came more than once.
pub fn is_several(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::MultipleAllowOriginValues { .. } => true,
        Refusal::InvalidAllowCredentials {
            value: Some(value), ..
        } => value.contains(','),
        _ => false,
    }
}
