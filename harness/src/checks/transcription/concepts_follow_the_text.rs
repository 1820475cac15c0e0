//! Do concepts depend on the text? A cached or canned answer of the language model looks as good as any.

use serde_json::Value;

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Given, Heard, words};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct ConceptsFollowTheText;

static SPEC: Spec = Spec {
    id: "transcription/concepts-follow-the-text",
    layer: Layer::Journey,
    title: "Different texts give different concepts",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An example that was left in the prompt, a cache with the wrong key, a stand-in for the language model: the \
                  transcript is right, and what is drawn from it is the same for everybody. Two texts about different things \
                  tell.",
    hint: "Look at what the language model is sent, and at caches in front of it: the text must be part of both.",
};

impl Check for ConceptsFollowTheText {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let role = view.target.transcription.iter();
        role.filter(|role| role.concepts_at.is_some() && transcript::locked(view.target, role).is_none())
            .flat_map(|role| transcript::speech(view.target, role))
            .map(|given| Ask::One(given.probe))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let role = view.target.transcription.as_ref();
        let Some((role, at)) = role.and_then(|role| Some((role, role.concepts_at.as_deref()?))) else {
            return Judgement::NotApplicable("no operation is known that finds concepts".to_owned());
        };
        if let Some(locked) = transcript::locked(view.target, role) {
            return locked;
        }
        let mut tally = Tally::new(view);
        let mut seen: Vec<(Given, &Exchange, String, Value)> = Vec::new();
        for given in transcript::speech(view.target, role) {
            let Some((exchange, reply)) = view.answer(&given.probe) else {
                tally.answer(&given.probe);
                continue;
            };
            let concepts = reply.body.json().and_then(|body| body.pointer(at).cloned());
            match (transcript::heard(role, exchange, reply), concepts) {
                (Heard::Text { text, .. }, Some(concepts)) if (200..300).contains(&reply.status) => {
                    seen.push((given, exchange, text, concepts));
                }
                _ => tally.unknown(format!("{} gave no concepts for {}", role.call, given.what), None),
            }
        }
        if seen.len() >= 2 {
            seen.iter().for_each(|(_, exchange, ..)| tally.judged(exchange));
            let something = |value: &Value| value.as_array().is_none_or(|items| !items.is_empty());
            let same = seen
                .iter()
                .zip(seen.iter().skip(1))
                .find(|(a, b)| words(&a.2) != words(&b.2) && sorted(&a.3) == sorted(&b.3) && something(&a.3));
            if let Some((a, b)) = same {
                let found = SPEC.finds(
                    role.call.to_string(),
                    format!(
                        "{} finds the same concepts in {} and {}",
                        role.call, a.0.what, b.0.what
                    ),
                );
                let found = found
                    .expected("concepts as different as the texts")
                    .actual(clean(&a.3.to_string(), 120));
                tally.find(found.shown_by([a.1, b.1]));
            }
        }
        tally.done()
    }
}

/// Concepts in an order of their own: the same ones in another order are the same.
fn sorted(concepts: &Value) -> Vec<String> {
    let mut shown: Vec<String> = match concepts.as_array() {
        Some(items) => items.iter().map(Value::to_string).collect(),
        None => vec![concepts.to_string()],
    };
    shown.sort_unstable();
    shown
}
