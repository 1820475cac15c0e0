//! `*` is sent to a page that calls with credentials, where it counts for nothing (Fetch §3.3.5).

use crate::cors::refusal::{Refusal, Unlisted};
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct WildcardWithCredentials;

impl Cause for WildcardWithCredentials {
    fn id(&self) -> &'static str {
        "wildcard-with-credentials"
    }

    fn about(&self) -> &'static str {
        "The service answers \"*\" to a page that calls with credentials, and there a wildcard counts for nothing."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "An answer of \"*\" to a page whose calls carry credentials.",
            likely: &[
                "The default of the middleware was kept: cors() in Express, AllowAny in tower-http, allow_origins=[\"*\"]",
                "The page began to send cookies (credentials: \"include\") after the API was set up without them",
                "The proxy answers with its own \"*\" in place of the application's header",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let starred = browser::refused_for(case, |refusal| match refusal {
            Refusal::WildcardOriginNotAllowed { .. } => true,
            Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => missing
                .iter()
                .any(|header| header.why == Unlisted::WildcardIsLiteral),
            Refusal::MethodDisallowedByPreflightResponse { allowed, .. } => {
                allowed.iter().any(|method| method == "*")
            }
            _ => false,
        });
        let first = starred.first()?;
        let mut next_steps = vec![
            "List the pages' origins instead of \"*\", and name methods and headers; answer with the origin that asked".to_owned(),
            "Or, if the API needs no cookies, let the page call without credentials (fetch with credentials: \"omit\")".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: "The service answers with the wildcard \"*\", which browsers refuse for calls with credentials".to_owned(),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&starred),
            ruled_out: vec!["the list of origins: it holds everybody".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(browser::blocked(case, &starred)),
        })
    }
}
