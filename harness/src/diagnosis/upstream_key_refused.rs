//! A good call gets 401, although the same credential was let in before: somebody behind the service was not let in.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{Sender, is_good_call, sender};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Layer;

/// The cause.
pub struct UpstreamKeyRefused;

impl Cause for UpstreamKeyRefused {
    fn id(&self) -> &'static str {
        "upstream-key-refused"
    }

    fn about(&self) -> &'static str {
        "The provider refuses the service's own key, and the service tells its caller that theirs is bad."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Deploy],
            needs: "401 to a good call, although the same credential got past the gate with a body that was refused.",
            likely: &[
                "The provider's key was rotated, and this environment keeps the old one",
                "The client's exception of the provider carries a status, and a handler copies it to the caller",
                "The key belongs to another organisation, region or project",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let good = |exchange: &Exchange| sender(target, &exchange.probe) == Sender::Good;
        let refused: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.status() == Some(401) && good(exchange))
            .filter(|exchange| is_good_call(target, &exchange.probe))
            .collect();
        let first = refused.first()?;
        // A provider that refuses our key refuses it every time: a call that works now and then meets two gates.
        let works = case.view.answers().any(|(exchange, reply)| {
            good(exchange) && is_good_call(target, &exchange.probe) && reply.status < 300
        });
        if works {
            return None;
        }
        let operation = first.probe.operation();
        // A service that reads the body first tells nothing by refusing it: strangers must have met the gate with that body.
        let gated = |exchange: &Exchange| {
            case.view.answers().any(|(other, reply)| {
                sender(target, &other.probe) != Sender::Good
                    && other.probe.operation() == operation
                    && other.probe.body == exchange.probe.body
                    && matches!(reply.status, 401 | 403)
            })
        };
        let let_in = case.view.answers().find(|(exchange, reply)| {
            good(exchange)
                && exchange.probe.operation() == operation
                && exchange.probe.who == first.probe.who
                && matches!(reply.status, 200..300 | 400 | 413 | 415 | 422)
                && gated(exchange)
        });
        let (_, passed) = let_in?;
        let mut evidence = words::seen(&refused);
        evidence.push(format!(
            "the same credential got HTTP {} there for a body that was refused, so it was let in",
            passed.status
        ));
        let about = case
            .findings
            .iter()
            .filter(|finding| matches!(finding.layer, Layer::Auth | Layer::Journey | Layer::Contract))
            .filter(|finding| {
                finding
                    .exchanges
                    .iter()
                    .any(|id| refused.iter().any(|one| one.id == *id))
            });
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The provider behind {operation} refuses the service's own key, and the caller is told 401 for it"
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: vec!["the caller's credential: it was let in".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Ask the provider with the deployed key: was it rotated, or is it for another project? Never print it"
                    .to_owned(),
                "Answer 502 or 503 when the provider refuses the service: a 401 makes clients log their users out".to_owned(),
            ],
            explains: explained(about.chain(case.of("health/ai-healthy"))),
        })
    }
}
