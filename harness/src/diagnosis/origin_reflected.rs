//! Whatever origin asks is allowed: an empty list that means everybody, `*` together with credentials in a framework that then
//! echoes, a handler that copies the header.

use crate::check::asks::FOREIGN;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Severity;

/// The cause.
pub struct OriginReflected;

impl Cause for OriginReflected {
    fn id(&self) -> &'static str {
        "origin-reflected"
    }

    fn about(&self) -> &'static str {
        "The service allows whatever origin asks, so any website may use it as the user who visits it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A foreign origin that is named in Access-Control-Allow-Origin, and whether credentials are allowed with it.",
            likely: &[
                "An empty list means everybody (poem, some others), and the variable is empty here",
                "origin: true (cors for Express), AllowOrigin::mirror_request (tower-http) or a regex that matches all",
                "allow_origins=[\"*\"] with allow_credentials=True, which Starlette answers by an echo to requests with cookies",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("cors/foreign-origins-refused");
        let foreign: Vec<_> = found
            .iter()
            .copied()
            .filter(|finding| finding.subject == FOREIGN)
            .collect();
        let worst = foreign.iter().map(|finding| finding.severity).max()?;
        let with = if worst > Severity::Minor {
            "with credentials: any website may use it as the user who visits it"
        } else {
            "without credentials, though pages are listed"
        };
        let exchanges = browser::shown(case, &foreign);
        let mut next_steps = vec![
            "Close the list of origins now: an empty list, or \"*\" with credentials, means everybody in several frameworks".to_owned(),
        ];
        next_steps.extend(
            exchanges
                .first()
                .and_then(|exchange| browser::curl(case, exchange)),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("The service allows whatever origin asks, {with}"),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&exchanges),
            ruled_out: vec!["\"*\" without credentials, which would be healthy".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(found.into_iter().chain(case.of("cors/errors-do-not-echo"))),
        })
    }
}
