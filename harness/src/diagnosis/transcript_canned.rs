//! The text does not depend on the audio: a stand-in, a default clip or a cache answers.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct TranscriptCanned;

impl Cause for TranscriptCanned {
    fn id(&self) -> &'static str {
        "transcript-canned"
    }

    fn about(&self) -> &'static str {
        "Every recording gives the same text: a mock is switched on, or something answers in the recogniser's place."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("journey/follows-the-audio");
        let first = found.first()?;
        let shown: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| first.exchanges.contains(&exchange.id))
            .collect();
        let about = case
            .about(&shown)
            .into_iter()
            .filter(|finding| finding.check.starts_with("journey/"));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("The transcript ignores the audio: {}", first.title),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: vec![first.actual.clone()],
            ruled_out: vec!["an empty transcript".to_owned()],
            next_steps: vec![
                "See whether a mock, stub or simulator is switched on in this environment".to_owned(),
                "Look at what the service hands to the recogniser: the upload, or a default clip?".to_owned(),
                "Look for a cache in front of the recogniser, and what it is keyed by".to_owned(),
            ],
            explains: explained(about),
        })
    }
}

#[cfg(test)]
#[path = "transcript_tests.rs"]
mod tests;
