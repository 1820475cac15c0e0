//! Does the transcript depend on the audio? A stand-in that was left on answers everything, perfectly, with one text.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Given, Heard, words};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;
use crate::model::target::Transcription;

/// The check.
pub struct FollowsTheAudio;

static SPEC: Spec = Spec {
    id: "journey/follows-the-audio",
    layer: Layer::Journey,
    title: "Different speech gives different text",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A mock that was left on, a cache keyed by the wrong thing, a default clip in place of the upload: status, \
                  shape and text are all good, and have nothing to do with what the user said. Only two recordings show it.",
    hint: "Look for a mock or stand-in that is switched on in this environment, and for a cache in front of the recogniser.",
};

impl Check for FollowsTheAudio {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| transcript::locked(view.target, role).is_none())
            .flat_map(|role| transcript::speech(view.target, role))
            .map(|given| Ask::One(given.probe))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(role) = &view.target.transcription else {
            return Judgement::NotApplicable("no operation is known that takes speech".to_owned());
        };
        if let Some(locked) = transcript::locked(view.target, role) {
            return locked;
        }
        if role.samples.len() < 2 {
            return Judgement::skipped(
                "one recording alone cannot show whether the text follows the audio",
                Some("two samples under [transcription] in the profile"),
            );
        }
        let mut tally = Tally::new(view);
        let mut texts: Vec<(Given, &Exchange, String)> = Vec::new();
        for given in transcript::speech(view.target, role) {
            let Some((exchange, reply)) = view.answer(&given.probe) else {
                // Notes why there is none.
                tally.answer(&given.probe);
                continue;
            };
            match transcript::heard(role, exchange, reply) {
                Heard::Text { text, .. } if (200..300).contains(&reply.status) => {
                    texts.push((given, exchange, text))
                }
                _ => tally.unknown(format!("{} gave no text for {}", role.call, given.what), None),
            }
        }
        if texts.len() >= 2 {
            texts.iter().for_each(|(_, exchange, _)| tally.judged(exchange));
            let same = texts
                .iter()
                .zip(texts.iter().skip(1))
                .find(|(a, b)| words(&a.2) == words(&b.2));
            if let Some((a, b)) = same {
                tally.find(canned(role, a, b));
            }
        }
        tally.done()
    }
}

fn canned(role: &Transcription, a: &(Given, &Exchange, String), b: &(Given, &Exchange, String)) -> Finding {
    let call = &role.call;
    SPEC.finds(
        call.to_string(),
        format!("{call} gives the same text for {} and {}", a.0.what, b.0.what),
    )
    .expected("two texts, as different as the recordings")
    .actual(format!("\"{}\" for both", clean(&a.2, 80)))
    .shown_by([a.1, b.1])
}

#[cfg(test)]
#[path = "transcription_tests.rs"]
mod tests;
