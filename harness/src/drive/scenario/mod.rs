//! Scenarios: workflows of Arazzo documents, run step by step. Workflows that do not wait for each other run at once; each is
//! a thread, and what is ready of all of them is asked together.
//!
//! The driver computes with answers as they came and tells of them as redaction left them. A value that the two do not have in
//! common is held as a credential: it goes out by its name, and stands in no probe, recording or report.

mod actions;
mod body;
pub mod evaluate;
pub mod fill;
mod outputs;
pub mod secrets;
mod security;
#[cfg(test)]
mod tests;
mod thread;
pub mod values;
mod verdict;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::check::driver::{Asked, Driver, News, Next};
use crate::drive::scenario::fill::{Setting, Standing, Unsendable};
use crate::drive::scenario::secrets::Secrets;
use crate::drive::scenario::thread::{Back, DEEPEST, Frame, Phase, State, Thread, Tried, called};
use crate::drive::scenario::values::{Finished, Scene, Seen, Worths};
use crate::model::exchange::{Asker, Exchange};
use crate::model::journey::Journey;
use crate::model::probe::{Ask, Nature, Probe, SecretName};
use crate::model::refusal::Refusal;
use crate::model::run::CheckOutcome;
use crate::model::sealed::{Answer, Sealed};
use crate::model::target::{Call as Operation, Target};
use crate::scenario::call::Book;
use crate::scenario::document::{Call, Step, Workflow};
use crate::scenario::expression::Root;

/// A workflow that is to be run, and what it is given.
#[derive(Debug)]
pub struct Wanted<'b> {
    /// The place of its document among the books.
    pub book: usize,
    /// The workflow.
    pub workflow: &'b Workflow,
    /// Its inputs.
    pub inputs: Worths,
    /// The places among those wanted of the workflows that must be done before.
    pub needs: Vec<usize>,
}

/// Runs workflows.
#[derive(Debug)]
pub struct Scenarios<'b> {
    books: &'b [Book],
    target: &'b Target,
    setting: Setting,
    threads: Vec<Thread<'b>>,
    /// What finished workflows gave, by document and id.
    finished: Vec<BTreeMap<String, Finished>>,
    secrets: Secrets,
    /// How often a probe was asked: each time it is meant.
    again: HashMap<Probe, u16>,
    tidying: bool,
}

impl<'b> Scenarios<'b> {
    /// A driver of these workflows.
    pub fn new(
        books: &'b [Book],
        target: &'b Target,
        setting: Setting,
        wanted: Vec<Wanted<'b>>,
        secrets: Secrets,
    ) -> Scenarios<'b> {
        let threads = wanted.into_iter().map(|wanted| {
            let file = books.get(wanted.book).map_or("", |book| book.file.as_str());
            let frame = Frame::new(
                wanted.book,
                wanted.workflow,
                wanted.inputs,
                Back::Top,
                String::new(),
            );
            Thread::new(file, frame, wanted.needs)
        });
        Scenarios {
            threads: threads.collect(),
            finished: vec![BTreeMap::new(); books.len()],
            books,
            target,
            setting,
            secrets,
            again: HashMap::new(),
            tidying: false,
        }
    }

    /// What became of the workflows, in the order in which they were wanted.
    pub fn journeys(mut self) -> Vec<Journey> {
        for thread in &mut self.threads {
            if !thread.is_done() {
                thread.close(CheckOutcome::Inconclusive, Some("the run ended before it".to_owned()));
            }
        }
        self.threads.into_iter().map(|thread| thread.journey).collect()
    }

    /// Takes what is new to the threads that wait for it.
    fn absorb(&mut self, news: News<'_>, now: Option<Timestamp>) {
        for at in 0..self.threads.len() {
            let State::Asked(filled) = &self.threads[at].state else {
                continue;
            };
            let is_its = |exchange: &&Exchange| *exchange.probe == filled.probe;
            let its: Vec<&Exchange> = news.exchanges.iter().filter(is_its).collect();
            let refused = news.refused.iter().find(|refusal| refusal.probe == filled.probe);
            if let Some(last) = its.last() {
                let raw = news.raw.iter().find(|raw| raw.id == last.id);
                let raw = raw.map(|raw| raw.answer.open());
                self.answered(at, &its, raw, now);
            } else if let Some(refusal) = refused {
                self.refused(at, refusal);
            }
        }
    }

    /// Goes on in every thread as far as that is possible, and gathers what they ask for.
    fn advance(&mut self, now: Option<Timestamp>) -> Vec<Asked> {
        let mut asked = Vec::new();
        loop {
            let mut moved = false;
            for at in 0..self.threads.len() {
                self.wake(at, now);
                while matches!(self.threads[at].state, State::Ready) {
                    moved = true;
                    asked.extend(self.step(at));
                }
            }
            if !moved {
                return asked;
            }
        }
    }

    /// Makes a thread ready when what it waits for is there.
    fn wake(&mut self, at: usize, now: Option<Timestamp>) {
        match &self.threads[at].state {
            State::Sleeping(until) if now.is_none_or(|now| *until <= now) => {
                self.threads[at].state = State::Ready;
            }
            State::Waiting => {
                let needs = self.threads[at].needs.clone();
                let needed = || needs.iter().filter_map(|need| self.threads.get(*need));
                let bad = needed().find(|thread| thread.is_done() && thread.journey.outcome != CheckOutcome::Pass);
                if let Some(bad) = bad {
                    let reason = format!("it needs the workflow `{}`, which did not succeed", bad.workflow.id.value);
                    self.threads[at].close(CheckOutcome::Blocked, Some(reason));
                } else if needed().all(Thread::is_done) {
                    self.threads[at].state = State::Ready;
                }
            }
            _ => {}
        }
    }

    /// One move of a thread that is ready: to an ask, a called workflow, or the end of one.
    fn step(&mut self, at: usize) -> Option<Asked> {
        let frame = self.threads[at].frames.last()?;
        let place = frame.place();
        let steps = &frame.workflow.steps;
        match frame.phase {
            Phase::Main(_) => match steps.get(place) {
                None => self.frame(at)?.end(CheckOutcome::Pass),
                Some(step) if step.ours.cleanup => self.frame(at)?.advance(),
                Some(step) => return self.run(at, step),
            },
            Phase::Cleanup(_) => {
                let rest = steps.iter().enumerate().skip(place);
                match rest.into_iter().find(|(_, step)| step.ours.cleanup) {
                    None => self.finish(at),
                    Some((next, step)) => {
                        self.frame(at)?.phase = Phase::Cleanup(next);
                        return self.run(at, step);
                    }
                }
            }
        }
        None
    }

    fn frame(&mut self, at: usize) -> Option<&mut Frame<'b>> {
        self.threads.get_mut(at)?.frames.last_mut()
    }

    /// Runs a step: asks for it, or enters the workflow that it calls.
    fn run(&mut self, at: usize, step: &'b Step) -> Option<Asked> {
        if self.threads[at].circles() {
            self.unsent(at, step, CheckOutcome::Fail, "the workflow goes in circles".to_owned());
            self.threads[at].frames.iter_mut().for_each(|frame| frame.end(CheckOutcome::Fail));
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
        let asker = format!("scenario/{}.{}", frame.workflow.id.value, step.id.value);
        match fill::probe(standing, &self.setting, nature, &mut self.secrets) {
            Ok(mut filled) => {
                let again = self.again.entry(filled.probe.clone()).or_default();
                filled.probe.again = *again;
                *again = again.saturating_add(1);
                let ask = Ask::One(filled.probe.clone());
                self.threads[at].state = State::Asked(Box::new(filled));
                Some(Asked {
                    asker: Asker(asker),
                    ask,
                })
            }
            Err(why) => {
                self.unsendable(at, step, &why);
                None
            }
        }
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
                let root = crate::scenario::expression::Expression::parse(&missing.expression);
                root.is_ok_and(|expression| matches!(expression.root, Root::StepOutput { .. }))
            }
            Unsendable::Other(_) => false,
        };
        let (outcome, reason) = match (cleans, from_answer) {
            (true, _) => (CheckOutcome::Skipped, format!("there is nothing to leave as it was: {}", why.words())),
            (false, true) => (CheckOutcome::Fail, format!("it could not be sent: {}", why.words())),
            (false, false) => (CheckOutcome::Inconclusive, format!("it could not be sent: {}", why.words())),
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

    fn refused(&mut self, at: usize, refusal: &Refusal) {
        let Some(step) = self.threads[at].frames.last().and_then(Frame::step) else {
            return;
        };
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
    fn answered(&mut self, at: usize, its: &[&Exchange], raw: Option<&Answer>, now: Option<Timestamp>) {
        let state = std::mem::replace(&mut self.threads[at].state, State::Ready);
        let (State::Asked(filled), Some(last)) = (state, its.last()) else {
            return;
        };
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
        self.settled(at, step, tried, verdict.goes_on, Some(&seen), None, now);
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
    fn note(&mut self, at: usize, step: &Step, tried: Tried) {
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

/// What is known where a step of this frame stands, before its answer.
fn scene<'s>(
    finished: &'s [BTreeMap<String, Finished>],
    book: &'s Book,
    frame: &'s Frame<'_>,
    outputs: Option<&'s Worths>,
) -> Scene<'s> {
    static NONE: std::sync::LazyLock<BTreeMap<String, Finished>> = std::sync::LazyLock::new(BTreeMap::new);
    Scene {
        book,
        inputs: &frame.inputs,
        steps: &frame.steps,
        workflows: finished.get(frame.book).unwrap_or(&NONE),
        outputs,
        request: None,
        seen: None,
    }
}

impl Driver for Scenarios<'_> {
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next {
        self.absorb(news, Some(now));
        let asked = self.advance(Some(now));
        if !asked.is_empty() {
            return Next::Ask(asked);
        }
        // What was asked and is not answered yet was put off until nothing else is left.
        if self.threads.iter().any(|thread| matches!(thread.state, State::Asked(_))) {
            return Next::Done;
        }
        let wakes = self.threads.iter().filter_map(|thread| match thread.state {
            State::Sleeping(until) => Some(until),
            _ => None,
        });
        wakes.min().map_or(Next::Done, Next::Until)
    }

    fn last(&mut self, news: News<'_>) -> Vec<Asked> {
        let begun = std::mem::replace(&mut self.tidying, true);
        self.absorb(news, None);
        if !begun {
            for thread in &mut self.threads {
                if thread.is_done() {
                    continue;
                }
                if matches!(thread.state, State::Waiting) {
                    thread.close(CheckOutcome::Inconclusive, Some("the run ended before it".to_owned()));
                    continue;
                }
                if let Some(frame) = thread.frames.last_mut() {
                    frame.end(CheckOutcome::Inconclusive);
                }
                thread.state = State::Ready;
            }
        }
        self.advance(None)
    }

    fn needs_raw(&self) -> bool {
        true
    }

    fn secrets(&mut self) -> Vec<(SecretName, Sealed<String>)> {
        self.secrets.fresh()
    }
}
