//! Is speech transcribed? A 200 with an empty text is the quietest way for this to break.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::transcript;
use crate::check::view::View;
use crate::checks::journey::transcript::judge;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct SpeechIsTranscribed;

static SPEC: Spec = Spec {
    id: "journey/speech-is-transcribed",
    layer: Layer::Journey,
    title: "Speech that is sent in comes back as its words",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A recogniser that fails and is caught too widely gives an empty text behind a 200; one that is handed a \
                  default clip, or another language, gives a good text that nobody said. Two recordings whose words are \
                  known tell.",
    hint: "Send the same recording to the provider by hand, and compare; then look at how the audio is decoded and labelled.",
};

impl Check for SpeechIsTranscribed {
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
        let mut tally = Tally::new(view);
        for given in transcript::speech(view.target, role) {
            let Some((exchange, reply)) = tally.answer(&given.probe) else {
                continue;
            };
            match judge(&SPEC, role, &given, exchange, reply) {
                Ok(findings) => findings.into_iter().for_each(|finding| tally.find(finding)),
                Err(reason) => tally.unknown(reason, None),
            }
        }
        tally.done()
    }
}
