//! Pages of development servers are on production's list.

use crate::check::asks::FOREIGN;
use crate::cors::lookalike::is_local;
use crate::cors::sentence::listed;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;
use crate::model::probe::Origin;

/// The cause.
pub struct DevelopmentOriginTrusted;

/// Whether a finding is about the page of a development server.
pub fn is_about_development(finding: &Finding) -> bool {
    is_local(&Origin(finding.subject.clone()))
}

impl Cause for DevelopmentOriginTrusted {
    fn id(&self) -> &'static str {
        "development-origin-trusted"
    }

    fn about(&self) -> &'static str {
        "Origins of development servers are still on production's list."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A development host, such as localhost, that is allowed by a production service, while a foreign origin is refused.",
            likely: &[
                "The default list of the code holds http://localhost:3000 and is extended, not replaced",
                "One list serves all environments",
                "A developer needed production from a local front end once",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let of_check = case.of("cors/foreign-origins-refused");
        if of_check.iter().any(|finding| finding.subject == FOREIGN) {
            return None;
        }
        let found: Vec<&Finding> = of_check
            .into_iter()
            .filter(|finding| is_about_development(finding))
            .collect();
        let origins: Vec<&str> = found.iter().map(|finding| finding.subject.as_str()).collect();
        let exchanges = browser::shown(case, &found);
        let first = *exchanges.first()?;
        let mut next_steps = vec![
            "Take them off this environment's list; a developer who needs production can go through a proxy of their own".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "Development origins are still trusted in production: {}",
                listed(&origins)
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&exchanges),
            ruled_out: vec!["an echo of every origin: a foreign one is refused".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(found),
        })
    }
}
