//! Is a recording heard to its end? Recognisers work in windows, and a service that keeps the first one loses the rest.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Heard, words};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Change, Probe};
use crate::model::target::{Sample, Target, Transcription};

/// The check.
pub struct WholeRecordingHeard;

static SPEC: Spec = Spec {
    id: "transcription/whole-recording-heard",
    layer: Layer::Journey,
    title: "A recording of two sentences is heard to its end",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A pause can end what a recogniser hears: the first segment comes back and the rest is dropped, with a 200 and \
                  nothing that says so. Two known recordings are joined with a second of silence between them, and the words \
                  of both must come back. A window that is longer than the two together is not reached.",
    hint: "Join all segments of the recogniser's answer; look for a duration or chunk limit on the way.",
};

/// Two uncompressed recordings in the language of the body.
fn pair(role: &Transcription) -> Option<(&Sample, &Sample)> {
    let mut plain = role
        .samples
        .iter()
        .filter(|sample| sample.name.ends_with(".wav") && sample.language.is_none());
    Some((plain.next()?, plain.next()?))
}

fn probe(target: &Target, role: &Transcription) -> Option<Probe> {
    let (first, second) = pair(role)?;
    let change = Change::After {
        first: first.name.clone(),
    };
    Some(asks::transcribe_changed(target, role, second, change))
}

fn has_half(text: &str, sample: &Sample) -> bool {
    let said = words(text);
    let known: Vec<String> = sample.words.iter().flat_map(|word| words(word)).collect();
    known.iter().filter(|word| said.contains(word)).count() * 2 >= known.len()
}

impl Check for WholeRecordingHeard {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| transcript::locked(view.target, role).is_none())
            .filter_map(|role| probe(view.target, role))
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(role) = &view.target.transcription else {
            return Judgement::NotApplicable("no operation is known that takes speech".to_owned());
        };
        if let Some(locked) = transcript::locked(view.target, role) {
            return locked;
        }
        let (Some((first, second)), Some(probe)) = (pair(role), probe(view.target, role)) else {
            return Judgement::skipped(
                "two uncompressed recordings in one language are needed",
                Some("two WAV samples under [transcription] in the profile"),
            );
        };
        let mut tally = Tally::new(view);
        let Some((exchange, reply)) = view.answer(&probe) else {
            tally.answer(&probe);
            return tally.done();
        };
        match transcript::heard(role, exchange, reply) {
            Heard::Text { text, hidden: false } if (200..300).contains(&reply.status) => {
                // Without the first one's words something else is wrong, and found elsewhere.
                if !has_half(&text, first) {
                    tally.unknown("not even the beginning of the recording is heard", None);
                    return tally.done();
                }
                tally.judged(exchange);
                if !has_half(&text, second) {
                    let found = SPEC.finds(
                        format!("{} with two sentences", role.call),
                        format!("{} loses the end of a recording of two sentences", role.call),
                    );
                    let found = found
                        .expected(format!("also: {}", second.words.join(", ")))
                        .actual(format!("\"{}\"", clean(&text, 80)));
                    tally.find(found.shown_by([exchange]));
                }
            }
            Heard::Text { hidden: true, .. } => {
                tally.missing("the transcript was not kept", Some("--keep-bodies"));
            }
            // A service may take shorter ones only.
            _ if matches!(reply.status, 400..500) => tally.missing(
                format!(
                    "{} refuses two sentences at once (HTTP {})",
                    role.call, reply.status
                ),
                None,
            ),
            _ => tally.unknown(format!("{} gave no text for two sentences", role.call), None),
        }
        tally.done()
    }
}
