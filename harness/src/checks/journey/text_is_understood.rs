//! Is text understood? The cheapest call that goes all the way through the AI provider.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::transcript::{self, Given};
use crate::check::view::View;
use crate::checks::journey::transcript::judge;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct TextIsUnderstood;

static SPEC: Spec = Spec {
    id: "journey/text-is-understood",
    layer: Layer::Journey,
    title: "Text that is sent in is understood",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Text skips the recogniser and goes straight to the extraction of concepts, so it tells a broken recogniser \
                  from a broken language model: text that works beside speech that does not points at the audio path.",
    hint: "Read the service's log for this request; then the provider's answer, quota and model settings.",
};

impl TextIsUnderstood {
    fn given(view: &View<'_>) -> Option<Given> {
        let role = view.target.transcription.as_ref()?;
        transcript::text(view.target, role)
    }
}

impl Check for TextIsUnderstood {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| transcript::locked(view.target, role).is_none())
            .filter_map(|role| transcript::text(view.target, role))
            .map(|given| Ask::One(given.probe))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let (Some(role), Some(given)) = (&view.target.transcription, TextIsUnderstood::given(view)) else {
            return Judgement::NotApplicable(
                "no operation is known that takes text in place of speech".to_owned(),
            );
        };
        if let Some(locked) = transcript::locked(view.target, role) {
            return locked;
        }
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&given.probe) {
            match judge(&SPEC, role, &given, exchange, reply) {
                Ok(findings) => findings.into_iter().for_each(|finding| tally.find(finding)),
                Err(reason) => tally.unknown(reason, None),
            }
        }
        tally.done()
    }
}
