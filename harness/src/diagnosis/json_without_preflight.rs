//! JSON is accepted under a media type that needs no preflight, from users whom a cookie identifies: any website can act as them.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct JsonWithoutPreflight;

impl Cause for JsonWithoutPreflight {
    fn id(&self) -> &'static str {
        "json-without-preflight"
    }

    fn about(&self) -> &'static str {
        "JSON is accepted as text/plain from users known by a cookie, so any website can act as them without a preflight."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "JSON sent as text/plain that is accepted, by a service that knows its users by a cookie.",
            likely: &[
                "The body is parsed whatever its Content-Type says (request.json() in Starlette and Flask's force=True)",
                "express.json was given type: () => true for a client that sent no type",
                "CSRF protection was switched off, since \"JSON needs a preflight\"",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("cors/json-needs-preflight");
        let first = case.shown(found.first()?)?;
        let same = case.about(&[first]).into_iter();
        let same = same.filter(|finding| finding.check == "errors/invalid-input-refused");
        let operation = first.probe.operation();
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "Any website can make a visitor's browser send {operation} with their cookie: JSON is accepted as text/plain, which \
                 needs no preflight"
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&[first]),
            ruled_out: vec![
                "the list of origins: it hides the answer, and the deed is done before".to_owned(),
            ],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Answer 415 to every body that is not application/json".to_owned(),
                "Mark the session's cookie SameSite=Lax or Strict; then see that no GET has an effect"
                    .to_owned(),
            ],
            explains: explained(found.iter().copied().chain(same)),
        })
    }
}
