//! What steps and workflows give, and the end of a workflow.

use crate::drive::scenario::actions::After;
use crate::drive::scenario::secrets::{Secrets, is_credential};
use crate::drive::scenario::thread::{Back, State, Tried};
use crate::drive::scenario::values::{Finished, Form, Scene, Worths};
use crate::drive::scenario::{Scenarios, evaluate, scene, verdict};
use crate::model::run::CheckOutcome;
use crate::scenario::document::{Output, Step};
use crate::scenario::source::Node;

/// The shortest text that can be a credential: a shorter one would be taken out of everything that looks like it.
const SHORTEST: usize = 6;

/// What a step gives.
pub(super) fn of_step(step: &Step, scene: &Scene<'_>, secrets: &mut Secrets) -> Worths {
    let called = |name: &str| format!("steps.{}.outputs.{name}", step.id.value);
    given(&step.outputs, scene, secrets, called)
}

fn given(
    outputs: &[Output],
    scene: &Scene<'_>,
    secrets: &mut Secrets,
    called: impl Fn(&str) -> String,
) -> Worths {
    let mut worths = Worths::default();
    for output in outputs {
        let name = output.name.value.as_str();
        let Ok(raw) = evaluate::value(&output.value, scene, Form::Raw) else {
            continue;
        };
        let mut shown = evaluate::value(&output.value, scene, Form::Shown).ok();
        secrets.origin(&raw, called(name));
        let text = raw.as_str().unwrap_or_default();
        if text.len() >= SHORTEST && (is_credential(name) || is_credential(last(&output.value))) {
            secrets.hide(&raw, &called(name));
            shown = None;
        }
        worths.put(name, raw, shown);
    }
    worths
}

/// The last word of what gives a value: the member that a pointer leads to, or the name of a header field.
fn last(node: &Node) -> &str {
    let text = node.text().unwrap_or_default();
    text.rsplit(['/', '.', '#']).next().unwrap_or_default()
}

impl Scenarios<'_> {
    /// Ends the workflow that a thread is in, and goes on where it was called.
    pub(super) fn finish(&mut self, at: usize) {
        let Some(frame) = self.threads[at].frames.pop() else {
            return;
        };
        let Some(book) = self.books.get(frame.book) else {
            return;
        };
        let outcome = frame.outcome.unwrap_or(CheckOutcome::Pass);
        let standing = scene(&self.finished, book, &frame, None);
        let id = frame.workflow.id.value.as_str();
        let called = |name: &str| format!("workflows.{id}.outputs.{name}");
        let outputs = given(&frame.workflow.outputs, &standing, &mut self.secrets, called);
        if let Some(finished) = self.finished.get_mut(frame.book) {
            let over = Finished {
                inputs: frame.inputs.clone(),
                outputs: outputs.clone(),
            };
            finished.insert(id.to_owned(), over);
        }
        let prefix = frame.prefix.clone();
        match frame.back {
            Back::Top => self.threads[at].close(outcome, None),
            Back::Transfer => {
                if let Some(frame) = self.frame(at) {
                    frame.end(outcome);
                }
            }
            Back::Retry => {}
            Back::Step => self.back_in_step(at, &prefix, id, outcome, &outputs),
        }
        if !self.threads[at].is_done() && !matches!(self.threads[at].state, State::Sleeping(_)) {
            self.threads[at].state = State::Ready;
        }
    }

    /// Judges a step that called a workflow: it succeeds as that does, and as its own criteria say.
    fn back_in_step(&mut self, at: usize, prefix: &str, id: &str, outcome: CheckOutcome, outputs: &Worths) {
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let (Some(step), Some(book)) = (frame.step(), self.books.get(frame.book)) else {
            return;
        };
        let standing = scene(&self.finished, book, frame, Some(outputs));
        let unmet = verdict::unmet(&step.criteria, &standing);
        let exchanges = self.threads[at].exchanges_of(prefix);
        let (became, reason) = match (outcome, unmet.is_empty()) {
            (CheckOutcome::Pass, true) => (CheckOutcome::Pass, None),
            (CheckOutcome::Pass, false) => {
                let reason = format!("what the workflow `{id}` gave does not meet its criteria");
                (CheckOutcome::Fail, Some(reason))
            }
            _ => (
                CheckOutcome::Blocked,
                Some(format!("the workflow `{id}` did not succeed")),
            ),
        };
        let tried = Tried {
            outcome: Some(became),
            reason,
            unmet: if outcome == CheckOutcome::Pass {
                unmet
            } else {
                Vec::new()
            },
            exchanges,
            ..Tried::default()
        };
        let good = became == CheckOutcome::Pass;
        let after = After {
            good,
            seen: None,
            called: Some(outputs),
            now: None,
        };
        self.settled(at, step, tried, after);
    }
}
