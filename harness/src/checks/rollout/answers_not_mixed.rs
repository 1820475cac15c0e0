//! Two callers at once must each get their own answer. State that requests share gives one caller another's data.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::transcript::{self, Given, Heard, heard, words};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Effect, Probe};
use crate::model::target::{Environment, Transcription};

/// The check.
pub struct AnswersNotMixed;

/// Copies of one recording, while another is worked on.
const COPIES: u16 = 3;
/// Tells its requests from those of others.
const AGAIN: u16 = 100;

static SPEC: Spec = Spec {
    id: "rollout/answers-not-mixed",
    layer: Layer::Journey,
    title: "Callers at the same time each get their own answer",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers", "journey/follows-the-audio"],
    must_run: false,
    explanation: "A field of a shared object, a client with one response slot, a cache without the caller in its key: one at a \
                  time everything is right, and two at once see each other's data. Four recordings of two kinds are sent at \
                  once, on a local target alone, and each text must have the words of what was sent.",
    hint: "Look for state that lives longer than one request: module variables, fields of singletons, pooled buffers.",
};

/// Two recordings that can be told apart, each as a request of our own.
fn pair(view: &View<'_>) -> Option<(Given, Given)> {
    let role = view.target.transcription.as_ref()?;
    let mut speech = transcript::speech(view.target, role)
        .into_iter()
        .filter(|given| !given.words.is_empty());
    let (first, second) = (speech.next()?, speech.next()?);
    let apart = |a: &Given, b: &Given| a.words.iter().any(|word| !b.words.contains(word));
    (apart(&first, &second) && apart(&second, &first)).then_some((first, second))
}

fn own(given: &Given) -> Probe {
    given.probe.repeat(AGAIN)
}

/// Whether a strain on the service is allowed: only on this machine.
pub fn may_strain(view: &View<'_>) -> bool {
    view.target.environment == Environment::Local && view.target.ours && view.target.allows(Effect::Hostile)
}

impl Check for AnswersNotMixed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Some((first, second)) = pair(view).filter(|_| may_strain(view)) else {
            return Vec::new();
        };
        // What does not work one at a time says nothing when it is asked at once.
        let works = |given: &Given| {
            view.answer(&given.probe)
                .is_some_and(|(_, reply)| reply.status == 200)
        };
        if !works(&first) || !works(&second) {
            return Vec::new();
        }
        vec![Ask::Burst {
            each: own(&first),
            n: COPIES,
            at_once: COPIES,
            beside: Some(Box::new(own(&second))),
        }]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let (Some(role), Some((first, second))) = (&view.target.transcription, pair(view)) else {
            return Judgement::NotApplicable("there are no two recordings with known words".to_owned());
        };
        if !may_strain(view) {
            return Judgement::skipped(
                "several paid calls at once are sent only to a service that was started for the run",
                Some("--spawn CMD"),
            );
        }
        let mut tally = Tally::new(view);
        for (mine, other) in [(&first, &second), (&second, &first)] {
            let probe = own(mine);
            for (exchange, reply) in view.answers().filter(|(exchange, _)| *exchange.probe == probe) {
                tally.judged(exchange);
                if let Some(text) = of_another(role, exchange, reply, mine, other) {
                    let operation = exchange.probe.operation();
                    let finding = SPEC
                        .finds(
                            &operation,
                            format!(
                                "{operation} gives one caller what another sent: {} came back as \"{text}\"",
                                mine.what
                            ),
                        )
                        .expected(format!("the words {}", mine.words.join(", ")))
                        .actual(text);
                    tally.find(finding.shown_by([exchange]));
                }
            }
        }
        match tally.done() {
            Judgement::Unable(_) => Judgement::NotApplicable(
                "one at a time it did not work, so nothing was asked at once".to_owned(),
            ),
            judged => judged,
        }
    }
}

/// The text of an answer, when it is what another caller sent.
fn of_another(
    role: &Transcription,
    exchange: &Exchange,
    reply: &Reply,
    mine: &Given,
    other: &Given,
) -> Option<String> {
    let Heard::Text { text, hidden: false } = heard(role, exchange, reply) else {
        return None;
    };
    let said = words(&text);
    let only = |a: &Given, b: &Given| {
        a.words
            .iter()
            .filter(|word| !b.words.contains(word))
            .cloned()
            .collect::<Vec<_>>()
    };
    let has = |wanted: &[String]| wanted.iter().any(|word| said.contains(word));
    (has(&only(other, mine)) && !has(&only(mine, other))).then(|| clean(&text, 80))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, call, target};
    use crate::check::trial::judgement;
    use crate::model::probe::Nature;
    use crate::model::target::{Sample, Target};

    fn speaking() -> Target {
        let sample = |name: &str, word: &str| Sample {
            name: name.into(),
            words: vec![word.into()],
            text: None,
            language: None,
        };
        let mut target = target();
        target.transcription = Some(Transcription {
            call: call(),
            body: serde_json::json!({"audio": ""}),
            audio_at: "/audio".into(),
            text_in: None,
            text_at: "/text".into(),
            concepts_at: None,
            language_in: None,
            language_at: None,
            max_audio: None,
            nature: Nature::Paid,
            samples: vec![sample("a.wav", "kitchen"), sample("b.wav", "terrace")],
        });
        target
    }

    fn found(first: &str, second: &str) -> usize {
        let target = speaking();
        let (a, b) = pair(&View::new(&target, None, &[], &[])).unwrap();
        let seen = [
            answered(1, &own(&a), 200, &[], &format!("{{\"text\":\"{first}\"}}")),
            answered(1, &own(&b), 200, &[], &format!("{{\"text\":\"{second}\"}}")),
        ];
        match judgement(&AnswersNotMixed, &target, &seen) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_caller_s_text_is_found_and_a_poor_one_of_our_own_is_not() {
        assert_eq!(found("The kitchen.", "The kitchen."), 1);
        assert_eq!(found("The kitchen.", "The terrace."), 0);
        assert_eq!(found("The chicken.", "A terrace, not a kitchen."), 0);
    }

    #[test]
    fn a_strain_is_put_only_on_what_is_ours_and_here_and_allowed() {
        let may = |change: fn(&mut Target)| {
            let mut target = speaking();
            change(&mut target);
            may_strain(&View::new(&target, None, &[], &[]))
        };
        assert!(may(|_| ()));
        assert!(!may(|target| target.environment = Environment::Staging));
        assert!(!may(|target| target.ours = false));
        assert!(!may(|target| target
            .allow
            .retain(|effect| *effect != Effect::Hostile)));
    }

    #[test]
    fn they_are_asked_at_once_when_each_worked_alone() {
        let target = speaking();
        let (first, second) = pair(&View::new(&target, None, &[], &[])).unwrap();
        let asked = |one: u16, other: u16| {
            let seen = [
                answered(1, &first.probe, one, &[], "{}"),
                answered(2, &second.probe, other, &[], "{}"),
            ];
            AnswersNotMixed.ask(&View::new(&target, None, &seen, &[])).len()
        };
        assert_eq!((asked(200, 200), asked(200, 500), asked(500, 200)), (1, 0, 0));
    }

    #[test]
    fn recordings_of_which_one_holds_the_words_of_the_other_cannot_be_told_apart() {
        let mut target = speaking();
        assert!(pair(&View::new(&target, None, &[], &[])).is_some());
        let role = target.transcription.as_mut().unwrap();
        let words = role.samples[0].words.clone();
        role.samples[1].words.extend(words);
        assert!(pair(&View::new(&target, None, &[], &[])).is_none());
    }
}
