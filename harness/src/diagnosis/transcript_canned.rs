//! The text does not depend on the audio: a stand-in, a default clip or a cache answers.

use crate::check::transcript::{Heard, heard, words};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::target::Transcription;

/// The cause.
pub struct TranscriptCanned;

impl Cause for TranscriptCanned {
    fn id(&self) -> &'static str {
        "transcript-canned"
    }

    fn about(&self) -> &'static str {
        "Every recording gives the same text: a mock is switched on, or something answers in the recogniser's place."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Two different recordings that give the same text.",
            likely: &[
                "A stub recogniser answers in this environment",
                "The upload is read to its end before it is sent on, and a default clip or the last file is used",
                "Transcripts are cached by user or length in place of by content",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("journey/follows-the-audio");
        let first = found.first()?;
        let role = case.view.target.transcription.as_ref()?;
        let canned = case.shown(first).and_then(|exchange| said(role, exchange))?;
        // Whatever was sent, silence included, and got that text.
        let alike: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| {
                first.exchanges.contains(&exchange.id) || said(role, exchange).as_ref() == Some(&canned)
            })
            .collect();
        let about = case.about(&alike).into_iter().filter(|finding| {
            let check = finding.check.as_str();
            check.starts_with("journey/") || check.starts_with("transcription/")
        });
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("The transcript ignores the audio: {}", first.title),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: vec![first.actual.clone()],
            ruled_out: vec!["an empty transcript".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "See whether a mock, stub or simulator is switched on in this environment".to_owned(),
                "Look at what the service hands to the recogniser: the upload, or a default clip?".to_owned(),
                "Look for a cache in front of the recogniser, and what it is keyed by".to_owned(),
            ],
            explains: explained(about),
        })
    }
}

/// The text of an answer, when there is one.
fn said(role: &Transcription, exchange: &Exchange) -> Option<Vec<String>> {
    match heard(role, exchange, exchange.answer()?) {
        Heard::Text { text, .. } => Some(words(&text)),
        Heard::Blank | Heard::Absent => None,
    }
}

#[cfg(test)]
#[path = "transcript_tests.rs"]
mod tests;
