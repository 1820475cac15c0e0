//! What comes back of a second in which nobody speaks? Recognisers that learnt from subtitles hear thanks for watching.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Heard};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Change, Probe};
use crate::model::target::{Target, Transcription};

/// The check.
pub struct SilenceIsSilence;

static SPEC: Spec = Spec {
    id: "transcription/silence-is-silence",
    layer: Layer::Journey,
    title: "Silence is not transcribed as speech",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "People press record and say nothing, or their microphone is off. A recogniser may then invent a stock phrase, \
                  often in another language, and it is kept as if somebody had said it. An empty text is right, and so are a \
                  4xx that says that nobody speaks, and what recognisers write for silence: \".\", \"[BLANK_AUDIO]\".",
    hint: "Look for speech before transcribing (voice activity detection), or drop segments that the recogniser itself calls \
           no speech.",
};

fn probe(target: &Target, role: &Transcription) -> Option<Probe> {
    let sample = role.samples.iter().find(|sample| sample.language.is_none())?;
    Some(asks::transcribe_changed(target, role, sample, Change::Silence))
}

impl Check for SilenceIsSilence {
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
        let Some(probe) = probe(view.target, role) else {
            return Judgement::NotApplicable("no sample says how audio is sent".to_owned());
        };
        let mut tally = Tally::new(view);
        let Some((exchange, reply)) = view.answer(&probe) else {
            tally.answer(&probe);
            return tally.done();
        };
        match reply.status {
            429 | 401 | 403 | 500.. => {
                let reason = format!("{} answers HTTP {} to silence", role.call, reply.status);
                tally.unknown(reason, None);
            }
            200..300 => {
                tally.judged(exchange);
                if let Heard::Text { text, hidden } = transcript::heard(role, exchange, reply)
                    && (hidden || says_words(&text))
                {
                    let found = SPEC.finds(
                        format!("{} with silence", role.call),
                        format!("{} transcribes a second of silence as speech", role.call),
                    );
                    let found = found
                        .expected("an empty text, or a 4xx that says that nobody speaks")
                        .actual(format!("\"{}\"", clean(&text, 80)));
                    tally.find(found.shown_by([exchange]));
                }
            }
            _ => tally.judged(exchange),
        }
        tally.done()
    }
}

/// Whether a text holds a word that somebody is said to have spoken. Recognisers write silence as a full stop, an ellipsis or a
/// note, or say so in brackets or between asterisks: `[BLANK_AUDIO]`, `(silence)`, `*music*`.
fn says_words(text: &str) -> bool {
    let mut spoken = String::new();
    let mut closing = None;
    for c in text.chars() {
        closing = match (closing, c) {
            (Some(end), c) if c == end => None,
            (Some(end), _) => Some(end),
            (None, '[') => Some(']'),
            (None, '(') => Some(')'),
            (None, '<') => Some('>'),
            (None, '*') => Some('*'),
            (None, c) => {
                spoken.push(c);
                None
            }
        };
    }
    // A bracket that nobody closed explains nothing.
    let left_open = closing.is_some().then_some(text);
    !transcript::words(left_open.unwrap_or(&spoken)).is_empty()
}
