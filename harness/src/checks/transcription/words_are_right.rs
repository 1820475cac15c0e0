//! Are the words right? Half of the known words may come back and the sentence still be another one.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Heard};
use crate::check::view::View;
use crate::check::word_errors::WordErrors;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct WordsAreRight;

static SPEC: Spec = Spec {
    id: "transcription/words-are-right",
    layer: Layer::Journey,
    title: "The words of a known recording come back right",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A recogniser that hears another language, translates, or is handed audio at the wrong rate answers with \
                  fluent sentences that nobody said. The word error rate against what is known to be said tells: words \
                  replaced, left out and made up, over words said. Case, punctuation and digits for number words are no \
                  errors; up to a third is let pass.",
    hint: "Compare the transcript with the recording; then look at language, model and sample rate on the way to the recogniser.",
};

impl Check for WordsAreRight {
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
        if role.samples.iter().all(|sample| sample.text.is_none()) {
            return Judgement::skipped(
                "nobody said what the recordings say, word for word",
                Some("text = \"…\" beside a sample in the profile"),
            );
        }
        let mut tally = Tally::new(view);
        for (sample, given) in role.samples.iter().zip(transcript::speech(view.target, role)) {
            let Some(said) = &sample.text else { continue };
            let Some((exchange, reply)) = view.answer(&given.probe) else {
                tally.answer(&given.probe);
                continue;
            };
            match transcript::heard(role, exchange, reply) {
                Heard::Text { text, hidden: false } if (200..300).contains(&reply.status) => {
                    tally.judged(exchange);
                    let wrong = WordErrors::between(said, &text);
                    if wrong.is_bad() {
                        let found = SPEC.finds(
                            format!("{} with {}", role.call, given.what),
                            format!(
                                "{} gets {} of {} words of {} wrong",
                                role.call, wrong.errors, wrong.said, given.what
                            ),
                        );
                        let found = found
                            .expected(format!("\"{}\"", clean(said, 80)))
                            .actual(format!("\"{}\"", clean(&text, 80)));
                        tally.find(found.shown_by([exchange]));
                    }
                }
                Heard::Text { hidden: true, .. } => tally.missing(
                    format!("the transcript of {} was not kept", given.what),
                    Some("--keep-bodies"),
                ),
                _ => tally.unknown(format!("{} gave no text for {}", role.call, given.what), None),
            }
        }
        tally.done()
    }
}
