//! Speech comes back as an empty text behind a 200: the failure was swallowed on the way.

use crate::check::transcript::{Heard, heard};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;

/// The cause.
pub struct TranscriptEmpty;

impl Cause for TranscriptEmpty {
    fn id(&self) -> &'static str {
        "transcript-empty"
    }

    fn about(&self) -> &'static str {
        "Clear speech gives a success with an empty text: a failure of the recogniser is swallowed."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Recordings with clear speech that are answered with a success and an empty text.",
            likely: &[
                "An except around the recogniser returns \"\"",
                "The container or sample rate cannot be decoded, and the decoder yields silence",
                "Voice detection drops everything, since the level or its threshold is wrong",
                "The answer of the provider changed, and the text is read from a field that is gone",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let role = case.view.target.transcription.as_ref()?;
        let is_empty = |exchange: &&Exchange| {
            let success = exchange
                .answer()
                .filter(|reply| (200..300).contains(&reply.status));
            success.is_some_and(|reply| heard(role, exchange, reply) == Heard::Blank)
        };
        let found: Vec<&Finding> = case.of("journey/speech-is-transcribed");
        let empty: Vec<&Exchange> = found
            .iter()
            .filter_map(|finding| case.shown(finding))
            .filter(is_empty)
            .collect();
        if empty.is_empty() {
            return None;
        }
        let call = &role.call;
        let text_works =
            case.of("journey/text-is-understood").is_empty() && case.of("journey/proofs").is_empty();
        let mut evidence = words::seen(&empty);
        evidence.push(format!(
            "{} of {} recordings gave an empty text",
            empty.len(),
            role.samples.len()
        ));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{call} answers speech with a success and an empty text: a failure is swallowed on the way"),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: if text_works { vec!["text in place of speech".to_owned()] } else { Vec::new() },
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Send the same recording to the provider by hand: does it hear anything?".to_owned(),
                "Look for a catch-all around the recogniser that returns an empty text, and for a container or sample rate that it cannot read".to_owned(),
                "Make an empty transcript of audible speech an error, not a success".to_owned(),
            ],
            explains: explained(case.about(&empty)),
        })
    }
}
