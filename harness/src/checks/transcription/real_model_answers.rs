//! A stand-in for the model answers everything, at once and for nothing; in production it answers real users.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::transcription::work::{done, members};
use crate::model::exchange::SecretKind;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::{Environment, Target};

/// The check.
pub struct RealModelAnswers;

static SPEC: Spec = Spec {
    id: "transcription/real-model-answers",
    layer: Layer::Journey,
    title: "In production a real model answers",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Mocks are switched on by a variable, and variables are copied between environments. Status, shape and health \
                  are all good then, and every user gets made-up answers. Where an answer names its model, provider or \
                  workflow, the name gives a stand-in away. Outside production a stand-in is in order.",
    hint: "Unset what switches the stand-in on in this environment, and refuse to start with it in production.",
};

/// Members that say who answered.
const NAMES: [&str; 5] = ["model", "provider", "engine", "workflow", "backend"];
/// Words that stand-ins are called by.
const WORDS: [&str; 7] = ["mock", "stub", "fake", "dummy", "simulat", "stand-in", "canned"];

fn probes(target: &Target) -> Vec<Probe> {
    let production = target.environment == Environment::Production;
    let known = target.auth.as_ref().is_none_or(|auth| auth.good().is_some());
    let proofs = target
        .proofs
        .iter()
        .filter(|proof| production && (known || !proof.protected));
    proofs.map(|proof| asks::proof(target, proof)).collect()
}

impl Check for RealModelAnswers {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.environment != Environment::Production {
            return Judgement::NotApplicable("outside production a stand-in is in order".to_owned());
        }
        let mut tally = Tally::new(view);
        for probe in probes(view.target) {
            let Some((exchange, _)) = view.answer(&probe) else {
                tally.answer(&probe);
                continue;
            };
            let Some((_, body)) = done(exchange, view) else {
                tally.missing(
                    format!(
                        "{} did not succeed, so nobody says who answered",
                        probe.operation()
                    ),
                    None,
                );
                continue;
            };
            let hidden = exchange
                .redacted
                .iter()
                .any(|fact| fact.kind == SecretKind::Content);
            if hidden {
                tally.missing("the answer was kept without its texts", Some("--keep-bodies"));
                continue;
            }
            tally.judged(exchange);
            let named = members(&body)
                .into_iter()
                .find(|(_, name, value)| NAMES.contains(&name.as_str()) && is_stand_in(value));
            if let Some((at, _, value)) = named {
                let operation = probe.operation();
                let found = SPEC.finds(
                    format!("{operation} {at}"),
                    format!("A stand-in answers {operation} in production"),
                );
                let found = found
                    .expected("a real model")
                    .actual(clean(&value.to_string(), 60));
                tally.find(found.shown_by([exchange]));
            }
        }
        if probes(view.target).is_empty() {
            tally.missing(
                "no call is known, or no credential was given, that shows who answers",
                None,
            );
        }
        tally.done()
    }
}

fn is_stand_in(value: &Value) -> bool {
    let said = value.as_str().unwrap_or_default().to_lowercase();
    WORDS.iter().any(|word| said.contains(word))
}
