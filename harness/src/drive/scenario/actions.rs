//! What comes after a step: the action whose criteria hold, else the next step after a success and the end after a failure.

use jiff::{SignedDuration, Timestamp};

use crate::drive::scenario::evaluate;
use crate::drive::scenario::fill::Unsendable;
use crate::drive::scenario::thread::{Back, DEEPEST, Frame, Phase, State, Tried};
use crate::drive::scenario::values::{Form, Scene, Seen, Worths};
use crate::drive::scenario::{Scenarios, outputs, scene, verdict};
use crate::model::run::CheckOutcome;
use crate::scenario::document::{Action, Does, Parameter, Reusable, Step, Target};

/// No try waits longer than this for the next one, whatever a document or a server says, in seconds.
const LONGEST_REST: f64 = 120.0;

/// What is known after a try of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct After<'a> {
    /// Whether it goes on as after a success.
    pub(super) good: bool,
    /// The answer, when there was one.
    pub(super) seen: Option<&'a Seen>,
    /// What the workflow gave that it called.
    pub(super) called: Option<&'a Worths>,
    /// The time; none when nothing is waited for any more.
    pub(super) now: Option<Timestamp>,
}

impl<'b> Scenarios<'b> {
    /// Goes on after a try of a step, whether it called the service or a workflow.
    pub(super) fn settled(&mut self, at: usize, step: &'b Step, tried: Tried, after: After<'_>) {
        let After {
            good,
            seen,
            called,
            now,
        } = after;
        let outcome = tried.outcome.unwrap_or(CheckOutcome::Inconclusive);
        let requested = tried.requested.clone();
        self.note(at, step, tried);
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let Some(book) = self.books.get(frame.book) else {
            return;
        };
        let standing = Scene {
            request: Some(&requested),
            seen,
            ..scene(&self.finished, book, frame, called)
        };
        let action = self.action(at, step, good, &standing);
        if good {
            let mut given = outputs::of_step(step, &standing, &mut self.secrets);
            if let Some(called) = called {
                given.fill(called);
            }
            if let Some(frame) = self.threads[at].frames.last_mut() {
                frame.steps.insert(step.id.value.clone(), given);
            }
        }
        self.threads[at].state = State::Ready;
        let after = seen.and_then(|seen| seen.header("retry-after"));
        let after = after.and_then(|text| text.trim().parse::<f64>().ok());
        self.act(at, step, (action, good), outcome, (after, now));
    }

    /// The action that is taken after a step.
    fn action(&self, at: usize, step: &'b Step, good: bool, scene: &Scene<'_>) -> Option<&'b Action> {
        let frame = self.threads[at].frames.last()?;
        let book = self.books.get(frame.book)?;
        let workflow = frame.workflow;
        let (own, common) = match good {
            true => (&step.on_success, &workflow.success_actions),
            false => (&step.on_failure, &workflow.failure_actions),
        };
        let of = |list: &'b [Reusable<Action>]| -> Vec<&'b Action> {
            list.iter()
                .filter_map(|action| book.action(action, !good))
                .collect()
        };
        let own = of(own);
        let names: Vec<&str> = own.iter().map(|action| action.name.value.as_str()).collect();
        let common = of(common);
        let common = common
            .into_iter()
            .filter(|action| !names.contains(&action.name.value.as_str()));
        let mut all = own.iter().copied().chain(common);
        all.find(|action| verdict::unmet(&action.criteria, scene).is_empty() && !self.is_spent(at, action))
    }

    /// Whether a step was tried again as often as this action wants.
    fn is_spent(&self, at: usize, action: &Action) -> bool {
        let Does::Retry { limit, .. } = action.does else {
            return false;
        };
        let frame = self.threads[at].frames.last();
        frame.is_none_or(|frame| frame.tried(&action.name.value) >= limit)
    }

    fn act(
        &mut self,
        at: usize,
        step: &'b Step,
        (action, good): (Option<&'b Action>, bool),
        outcome: CheckOutcome,
        (after, now): (Option<f64>, Option<Timestamp>),
    ) {
        let tidying = self.tidying;
        let Some(frame) = self.frame(at) else { return };
        let cleans = matches!(frame.phase, Phase::Cleanup(_));
        let Some(action) = action.filter(|action| !tidying && (!cleans || is_retry(action))) else {
            match (good || cleans, tidying && !cleans) {
                (_, true) => frame.end(CheckOutcome::Inconclusive),
                (true, false) => frame.advance(),
                (false, false) => frame.end(outcome),
            }
            return;
        };
        match (&action.does, &action.target) {
            (Does::End, _) => frame.end(if good { CheckOutcome::Pass } else { outcome }),
            (Does::Retry { after: rest, .. }, target) => {
                frame.try_again(&action.name.value);
                self.rest(at, after.unwrap_or(*rest), now);
                self.before_retry(at, action, target.as_ref());
            }
            (Does::Goto, Some(Target::Step(word))) => {
                let place = frame.workflow.position(&word.value);
                self.handled(at, step, good, &word.value);
                match (place, self.frame(at)) {
                    (Some(place), Some(frame)) => frame.phase = Phase::Main(place),
                    (None, Some(frame)) => frame.end(CheckOutcome::Fail),
                    (_, None) => {}
                }
            }
            (Does::Goto, Some(Target::Workflow(word))) => {
                self.handled(at, step, good, &word.value);
                self.go_to(at, step, action, &word.value);
            }
            (Does::Goto, None) => frame.end(outcome),
        }
    }

    /// A failure that the document knows a way on from is none of the service's.
    fn handled(&mut self, at: usize, step: &Step, good: bool, to: &str) {
        if good {
            return;
        }
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let id = format!("{}{}", frame.prefix, step.id.value);
        let passage = self.threads[at].passage(id, String::new);
        let why = passage.reason.take().unwrap_or_default();
        passage.reason = Some(format!("{why}, and the document goes on at `{to}`"));
        passage.outcome = CheckOutcome::Skipped;
    }

    /// Waits before the next try, as long as the server said, else as the document does.
    fn rest(&mut self, at: usize, seconds: f64, now: Option<Timestamp>) {
        let seconds = seconds.clamp(0.0, LONGEST_REST);
        let rest = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::ZERO);
        if let Some(until) = now.and_then(|now| now.checked_add(rest).ok())
            && !rest.is_zero()
        {
            self.threads[at].state = State::Sleeping(until);
        }
    }

    /// What a document has run before a step is tried again.
    fn before_retry(&mut self, at: usize, action: &'b Action, target: Option<&'b Target>) {
        let Some(frame) = self.frame(at) else { return };
        match target {
            None => {}
            Some(Target::Step(word)) => {
                if let Some(place) = frame.workflow.position(&word.value) {
                    frame.resume = Some(frame.place());
                    frame.phase = Phase::Main(place);
                }
            }
            Some(Target::Workflow(word)) => {
                let prefix = format!("{}{}/", frame.prefix, action.name.value);
                if let Ok(frame) = self.called(at, &word.value, &action.parameters, (Back::Retry, prefix)) {
                    self.threads[at].frames.push(frame);
                }
            }
        }
    }

    /// Goes on in another workflow, with whose end this one ends.
    fn go_to(&mut self, at: usize, step: &'b Step, action: &'b Action, named: &str) {
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let prefix = format!("{}{}/", frame.prefix, step.id.value);
        let is_deep = self.threads[at].frames.len() >= DEEPEST;
        match self.called(at, named, &action.parameters, (Back::Transfer, prefix)) {
            Ok(frame) if !is_deep => self.threads[at].frames.push(frame),
            Ok(_) | Err(_) => {
                if let Some(frame) = self.frame(at) {
                    frame.end(CheckOutcome::Fail);
                }
            }
        }
    }

    /// The frame of a workflow that is called with these parameters.
    pub(super) fn called(
        &mut self,
        at: usize,
        named: &str,
        parameters: &'b [Reusable<Parameter>],
        (back, prefix): (Back, String),
    ) -> Result<Frame<'b>, Unsendable> {
        let unknown = || Unsendable::Other(format!("there is no workflow `{named}`"));
        let frame = self.threads[at].frames.last().ok_or_else(unknown)?;
        let own = self.books.get(frame.book).ok_or_else(unknown)?;
        let (other, id) = own.workflow(frame.book, named).ok_or_else(unknown)?;
        let book = self.books.get(other).ok_or_else(unknown)?;
        let workflow = book.document.workflow(&id).ok_or_else(unknown)?;
        let standing = scene(&self.finished, own, frame, None);
        let mut inputs = Worths::default();
        for parameter in parameters {
            let Some((parameter, node)) = own.parameter(parameter) else {
                continue;
            };
            let raw = match evaluate::value(node, &standing, Form::Raw) {
                Err(missing) if missing.is_input => continue,
                other => other?,
            };
            let shown = evaluate::value(node, &standing, Form::Shown)?;
            inputs.put(&parameter.name.value, raw, Some(shown));
        }
        Ok(Frame::new(other, workflow, inputs, back, prefix))
    }
}

fn is_retry(action: &Action) -> bool {
    matches!(action.does, Does::Retry { .. })
}
