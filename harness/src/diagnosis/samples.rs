//! What the causes behind wrong transcripts have in common: which samples went wrong, and which did not.

use crate::check::asks;
use crate::check::transcript::{self, Heard};
use crate::diagnosis::case::Case;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::Finding;
use crate::model::target::{Sample, Transcription};

/// One sample, its answer and what was found in it.
#[derive(Debug)]
pub struct Tried<'c> {
    /// The sample.
    pub sample: &'c Sample,
    /// The request.
    pub exchange: &'c Exchange,
    /// The answer.
    pub reply: &'c Reply,
    /// What was found wrong with the speech in it.
    pub found: Vec<&'c Finding>,
}

impl Tried<'_> {
    /// Whether it came back as it should.
    pub fn is_right(&self) -> bool {
        (200..300).contains(&self.reply.status) && self.found.is_empty()
    }

    /// Whether text came back, right or wrong.
    pub fn has_text(&self, role: &Transcription) -> bool {
        (200..300).contains(&self.reply.status)
            && matches!(
                transcript::heard(role, self.exchange, self.reply),
                Heard::Text { .. }
            )
    }
}

/// Every sample that was answered.
pub fn tried<'c>(case: &Case<'c>) -> Option<(&'c Transcription, Vec<Tried<'c>>)> {
    let target = case.view.target;
    let role = target.transcription.as_ref()?;
    let tried = role.samples.iter().filter_map(|sample| {
        let probe = asks::transcribe(target, role, sample);
        let (exchange, reply) = case.view.answer(&probe)?;
        let found = case.about(&[exchange]).into_iter().filter(|finding| {
            let check = finding.check.as_str();
            finding.fails()
                && matches!(
                    check,
                    "journey/speech-is-transcribed" | "transcription/words-are-right"
                )
        });
        Some(Tried {
            sample,
            exchange,
            reply,
            found: found.collect(),
        })
    });
    Some((role, tried.collect()))
}

/// The last part of a sample's name.
pub fn file(sample: &Sample) -> &str {
    sample.name.rsplit('/').next().unwrap_or(&sample.name)
}

/// What follows the last dot of a sample's name.
pub fn kind(sample: &Sample) -> &str {
    file(sample).rsplit_once('.').map_or("", |(_, kind)| kind)
}
