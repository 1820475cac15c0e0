//! The origin is allowed and credentials are not: `Access-Control-Allow-Credentials` is missing or spelt otherwise than `true`,
//! on every answer or on the preflight alone.

use crate::cors::refusal::Refusal;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::duplicate_cors_headers::is_several;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CredentialsNotAllowed;

impl Cause for CredentialsNotAllowed {
    fn id(&self) -> &'static str {
        "credentials-not-allowed"
    }

    fn about(&self) -> &'static str {
        "The page calls with credentials, and Access-Control-Allow-Credentials is not exactly \"true\"."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "The page's origin is named, and Access-Control-Allow-Credentials is absent or not exactly \"true\".",
            likely: &[
                "allow_credentials, supportsCredentials or credentials: true was never set, since bearer tokens did without",
                "The value is written True, 1 or yes",
                "The header is set on the preflight only, by another layer than the one that answers calls",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let wrong = |refusal: &Refusal| {
            matches!(refusal, Refusal::InvalidAllowCredentials { .. }) && !is_several(refusal)
        };
        let refused = browser::refused_for(case, wrong);
        let first = refused.first()?;
        let said = browser::refusals(case)
            .into_iter()
            .find_map(|(_, refusal)| match refusal {
                Refusal::InvalidAllowCredentials { value, .. } => value,
                _ => None,
            });
        let statement = match said {
            Some(value) => format!(
                "The page calls with credentials, and Access-Control-Allow-Credentials says {}, where only \"true\" counts",
                crate::cors::sentence::quoted(&value)
            ),
            None if refused.iter().all(|exchange| !exchange.probe.is_preflight()) && browser::stopped(case).is_empty() => {
                "The preflight allows credentials and the answer itself does not, so calls fail after a good preflight".to_owned()
            }
            None => "The page calls with credentials, and the service does not allow them for its origin"
                .to_owned(),
        };
        let mut next_steps = vec![
            "Send Access-Control-Allow-Credentials: true, on preflights and answers alike, to the listed origins only".to_owned(),
            "Or, if the API needs no cookies, let the page call without credentials (fetch with credentials: \"omit\")".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&refused),
            ruled_out: vec!["the list of origins: the page's own is named".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(browser::blocked(case, &refused)),
        })
    }
}
