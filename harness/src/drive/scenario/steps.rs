//! One step: asked for or entered, answered or refused, and what became of it noted.

use jiff::Timestamp;

use crate::check::driver::Asked;
use crate::drive::scenario::actions::After;
use crate::drive::scenario::fill::{self, Filled, Standing, Unsendable};
use crate::drive::scenario::thread::{Back, DEEPEST, Frame, Phase, State, Tried, called};
use crate::drive::scenario::values::{Scene, Seen};
use crate::drive::scenario::{Scenarios, is_end, page, scene, verdict};
use crate::model::exchange::{Asker, Exchange};
use crate::model::probe::{Ask, Nature};
use crate::model::refusal::Refusal;
use crate::model::run::CheckOutcome;
use crate::model::sealed::Answer;
use crate::model::target::Call as Operation;
use crate::scenario::call::Book;
use crate::scenario::document::{Call, Step};
use crate::scenario::expression::{Expression, Root};

impl<'b> Scenarios<'b> {
    /// Runs a step: asks for it, or enters the workflow that it calls.
    pub(super) fn run(&mut self, at: usize, step: &'b Step) -> Option<Asked> {
        if self.threads[at].circles() {
            self.unsent(
                at,
                step,
                CheckOutcome::Fail,
                "the workflow goes in circles".to_owned(),
            );
            self.threads[at]
                .frames
                .iter_mut()
                .for_each(|frame| frame.end(CheckOutcome::Fail));
            self.threads[at].close(CheckOutcome::Fail, Some("it goes in circles".to_owned()));
            return None;
        }
        if let Some(before) = self.not_before(at, step) {
            let reason = format!("it needs step `{before}`, which has not succeeded");
            self.unsent(at, step, CheckOutcome::Blocked, reason);
            return None;
        }
        if let Some(Call::Workflow(word)) = &step.call {
            self.enter(at, step, &word.value);
            return None;
        }
        let thread = &self.threads[at];
        let frame = thread.frames.last()?;
        let book = self.books.get(frame.book)?;
        let standing = Standing {
            book,
            workflow: frame.workflow,
            step,
            scene: scene(&self.finished, book, frame, None),
        };
        let nature = self.nature(book, step);
        match fill::probe(standing, &self.setting, nature, &mut self.secrets) {
            Ok(mut filled) => {
                let granted = |before: &page::Before| self.granted.contains(&before.probe);
                filled.before = filled.before.filter(|before| !granted(before));
                Some(self.send(at, Box::new(filled)))
            }
            Err(why) => {
                self.unsendable(at, step, &why);
                None
            }
        }
    }

    /// Asks for a request, or for its preflight. A request that was made before is meant again.
    pub(super) fn send(&mut self, at: usize, mut filled: Box<Filled>) -> Asked {
        if filled.before.is_none() {
            let again = self.again.entry(filled.probe.clone()).or_default();
            filled.probe.again = *again;
            *again = again.saturating_add(1);
        }
        let frame = self.threads[at].frames.last();
        let workflow = frame.map_or("", |frame| frame.workflow.id.value.as_str());
        let step = frame
            .and_then(Frame::step)
            .map_or("", |step| step.id.value.as_str());
        let asked = Asked {
            asker: Asker(format!("scenario/{workflow}.{step}")),
            ask: Ask::One(filled.asked().clone()),
        };
        self.threads[at].state = State::Asked(filled);
        asked
    }

    /// Takes the answer to a preflight: the browser sends the page's call, or does not.
    fn preflighted(&mut self, at: usize, mut filled: Box<Filled>, its: &[&Exchange], now: Option<Timestamp>) {
        let (Some(before), Some(last)) = (filled.before.take(), its.last()) else {
            return;
        };
        let Some(why) = page::refuses(&before, last) else {
            self.granted.insert(before.probe);
            self.threads[at].pending = Some(filled);
            return;
        };
        let Some(step) = self.threads[at].frames.last().and_then(Frame::step) else {
            return;
        };
        let tried = Tried {
            outcome: Some(CheckOutcome::Fail),
            reason: Some(why),
            exchanges: its.iter().map(|exchange| exchange.id).collect(),
            ..Tried::default()
        };
        let after = After {
            good: false,
            seen: None,
            called: None,
            now,
        };
        self.settled(at, step, tried, after);
    }

    /// What the step's request does when it is accepted: as the step says, else as the profile does.
    fn nature(&self, book: &Book, step: &Step) -> Option<Nature> {
        match step.ours.effect.as_ref().map(|word| word.value.as_str()) {
            Some("read") => Some(Nature::Read),
            Some("write") => Some(Nature::Write),
            Some("paid") => Some(Nature::Paid),
            _ => {
                let operation = book.promised(step)?.operation;
                let call = Operation {
                    method: operation.method.clone(),
                    path: operation.template.clone(),
                };
                self.target.nature_of(&call)
            }
        }
    }

    /// A step that must be done before this one and is not.
    fn not_before<'s>(&self, at: usize, step: &'s Step) -> Option<&'s str> {
        let frame = self.threads[at].frames.last()?;
        let own = step.depends_on.iter().map(|word| word.value.as_str());
        let mut own = own.filter(|name| !name.starts_with('$'));
        own.find(|name| !frame.steps.contains_key(*name))
    }

    /// A step that could not be sent, since something is not there that it is made of.
    fn unsendable(&mut self, at: usize, step: &Step, why: &Unsendable) {
        let cleans = step.ours.cleanup;
        let from_answer = match why {
            Unsendable::Missing(missing) => {
                let root = Expression::parse(&missing.expression);
                root.is_ok_and(|expression| matches!(expression.root, Root::StepOutput { .. }))
            }
            Unsendable::Other(_) => false,
        };
        let (outcome, reason) = match (cleans, from_answer) {
            (true, _) => (
                CheckOutcome::Skipped,
                format!("there is nothing to leave as it was: {}", why.words()),
            ),
            (false, true) => (
                CheckOutcome::Fail,
                format!("it could not be sent: {}", why.words()),
            ),
            (false, false) => (
                CheckOutcome::Inconclusive,
                format!("it could not be sent: {}", why.words()),
            ),
        };
        self.unsent(at, step, outcome, reason);
    }

    /// Notes a step that was not sent, and ends its workflow, unless it only cleans up.
    fn unsent(&mut self, at: usize, step: &Step, outcome: CheckOutcome, reason: String) {
        let tried = Tried {
            outcome: Some(outcome),
            reason: Some(reason),
            ..Tried::default()
        };
        self.note(at, step, tried);
        let Some(frame) = self.frame(at) else { return };
        match frame.phase {
            Phase::Cleanup(_) => frame.advance(),
            Phase::Main(_) => frame.end(outcome),
        }
        self.threads[at].state = State::Ready;
    }

    pub(super) fn refused(&mut self, at: usize, refusal: &Refusal) {
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let Some(step) = frame.step() else { return };
        if is_end(&refusal.why) && !self.tidying && matches!(frame.phase, Phase::Cleanup(_)) {
            // It is asked for once more when nothing else is.
            self.threads[at].state = State::Ready;
            return;
        }
        let tried = Tried {
            outcome: Some(CheckOutcome::Inconclusive),
            reason: Some(refusal.reason.clone()),
            flag: refusal.flag.clone(),
            ..Tried::default()
        };
        self.note(at, step, tried);
        let Some(frame) = self.frame(at) else { return };
        match frame.phase {
            Phase::Cleanup(_) => frame.advance(),
            Phase::Main(_) => frame.end(CheckOutcome::Inconclusive),
        }
        self.threads[at].state = State::Ready;
    }

    /// Takes the answer to a step.
    pub(super) fn answered(
        &mut self,
        at: usize,
        its: &[&Exchange],
        raw: Option<&Answer>,
        now: Option<Timestamp>,
    ) {
        let state = std::mem::replace(&mut self.threads[at].state, State::Ready);
        let (State::Asked(filled), Some(last)) = (state, its.last()) else {
            return;
        };
        if filled.before.is_some() {
            return self.preflighted(at, filled, its, now);
        }
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let (Some(step), Some(book)) = (frame.step(), self.books.get(frame.book)) else {
            return;
        };
        let seen = Seen::of(last, raw);
        let verdict = verdict::of(
            step,
            last,
            &Scene {
                request: Some(&filled.requested),
                seen: Some(&seen),
                ..scene(&self.finished, book, frame, None)
            },
        );
        let tried = Tried {
            outcome: Some(verdict.outcome),
            reason: verdict.reason,
            flag: None,
            unmet: verdict.unmet,
            status: last.status(),
            took_ms: Some(last.phases.total() / 1000),
            exchanges: its.iter().map(|exchange| exchange.id).collect(),
            requested: filled.requested,
        };
        let after = After {
            good: verdict.goes_on,
            seen: Some(&seen),
            called: None,
            now,
        };
        self.settled(at, step, tried, after);
    }

    /// Enters the workflow that a step calls.
    fn enter(&mut self, at: usize, step: &'b Step, named: &str) {
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let prefix = format!("{}{}/", frame.prefix, step.id.value);
        let depth = self.threads[at].frames.len();
        match self.called(at, named, &step.parameters, (Back::Step, prefix)) {
            Ok(frame) if depth < DEEPEST => {
                self.threads[at].frames.push(frame);
                self.threads[at].state = State::Ready;
            }
            Ok(_) => {
                let reason = "workflows call each other without end".to_owned();
                self.unsent(at, step, CheckOutcome::Fail, reason);
            }
            Err(why) => self.unsendable(at, step, &why),
        }
    }

    /// Notes what became of a try of a step.
    pub(super) fn note(&mut self, at: usize, step: &Step, tried: Tried) {
        let Some(frame) = self.threads[at].frames.last() else {
            return;
        };
        let id = format!("{}{}", frame.prefix, step.id.value);
        let operation = self.books.get(frame.book).and_then(|book| book.promised(step));
        let call = || operation.map_or_else(|| called(step), |promised| promised.operation.name());
        let passage = self.threads[at].passage(id, call);
        passage.tries += 1;
        passage.outcome = tried.outcome.unwrap_or(CheckOutcome::Inconclusive);
        passage.reason = tried.reason;
        passage.flag = tried.flag;
        passage.unmet = tried.unmet;
        passage.status = tried.status;
        passage.took_ms = tried.took_ms;
        passage.expects_5xx = step.ours.expect_5xx.as_ref().map(|word| word.value.clone());
        passage.exchanges.extend(tried.exchanges);
    }
}
