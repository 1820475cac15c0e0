//! `null` is on the list. It is no origin of anybody's: every sandboxed frame, on any website, has it.

use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct NullOriginTrusted;

impl Cause for NullOriginTrusted {
    fn id(&self) -> &'static str {
        "null-origin-trusted"
    }

    fn about(&self) -> &'static str {
        "The origin \"null\" is allowed, and any website can have it through a sandboxed frame."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "The origin null that is named in Access-Control-Allow-Origin.",
            likely: &[
                "null was listed for pages opened from files or for a mobile web view",
                "The list is checked for the text of the header, and a missing origin was stored as null",
                "A sandboxed preview of the front end was made to work that way",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<_> = case
            .of("cors/foreign-origins-refused")
            .into_iter()
            .filter(|finding| finding.subject == "null")
            .collect();
        found.first()?;
        let exchanges = browser::shown(case, &found);
        let mut next_steps = vec![
            "Take null off the list of origins; give pages opened from files a local server instead"
                .to_owned(),
        ];
        next_steps.extend(
            exchanges
                .first()
                .and_then(|exchange| browser::curl(case, exchange)),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: "The origin null is trusted, and any website can have it through a sandboxed frame"
                .to_owned(),
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
