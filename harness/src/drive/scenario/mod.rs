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
mod page;
mod parameters;
mod payload;
pub mod secrets;
mod security;
mod steps;
#[cfg(test)]
mod tests;
mod thread;
pub mod values;
mod verdict;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::check::driver::{Asked, Driver, News, Next};
use crate::drive::scenario::fill::Setting;
use crate::drive::scenario::secrets::Secrets;
use crate::drive::scenario::thread::{Back, Frame, Phase, State, Thread};
use crate::drive::scenario::values::{Finished, Scene, Worths};
use crate::model::exchange::{Exchange, WireFault};
use crate::model::journey::Journey;
use crate::model::probe::{Probe, SecretName};
use crate::model::refusal::Why;
use crate::model::run::CheckOutcome;
use crate::model::sealed::Sealed;
use crate::model::target::Target;
use crate::scenario::call::Book;
use crate::scenario::document::Workflow;

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
    /// Preflights that let a page's call through: a browser does not ask again at once.
    granted: HashSet<Probe>,
    /// Whether nothing more may be sent.
    halted: bool,
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
            granted: HashSet::new(),
            halted: false,
            tidying: false,
        }
    }

    /// What became of the workflows, in the order in which they were wanted.
    pub fn journeys(mut self) -> Vec<Journey> {
        for thread in &mut self.threads {
            if !thread.is_done() {
                thread.close(
                    CheckOutcome::Inconclusive,
                    Some("the run ended before it".to_owned()),
                );
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
            let probe = filled.asked();
            let is_its = |exchange: &&Exchange| *exchange.probe == *probe;
            let its: Vec<&Exchange> = news.exchanges.iter().filter(is_its).collect();
            let refused = news.refused.iter().find(|refusal| refusal.probe == *probe);
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
                let bad =
                    needed().find(|thread| thread.is_done() && thread.journey.outcome != CheckOutcome::Pass);
                if let Some(bad) = bad {
                    let reason = format!(
                        "it needs the workflow `{}`, which did not succeed",
                        bad.workflow.id.value
                    );
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
        if let Some(filled) = self.threads[at].pending.take() {
            return Some(self.send(at, filled));
        }
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

    /// The workflow that a thread is in.
    fn frame(&mut self, at: usize) -> Option<&mut Frame<'b>> {
        self.threads.get_mut(at)?.frames.last_mut()
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

/// Whether the run was stopped, or its time is over.
fn is_over(news: News<'_>) -> bool {
    let stopped = |exchange: &Exchange| {
        let failure = exchange.failure();
        failure.is_some_and(|failure| failure.fault == WireFault::Stopped)
    };
    news.exchanges.iter().any(stopped) || news.refused.iter().any(|refusal| is_end(&refusal.why))
}

/// Whether nothing at all was sent from then on.
fn is_end(why: &Why) -> bool {
    matches!(why, Why::Interrupted | Why::Deadline)
}

impl Driver for Scenarios<'_> {
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next {
        let is_over = is_over(news);
        self.absorb(news, Some(now));
        if is_over || self.halted {
            // What is left to do is to leave things as they were, which is asked for apart.
            self.halted = true;
            return Next::Done;
        }
        let asked = self.advance(Some(now));
        if !asked.is_empty() {
            return Next::Ask(asked);
        }
        // What was asked and is not answered yet was put off until nothing else is left.
        if self
            .threads
            .iter()
            .any(|thread| matches!(thread.state, State::Asked(_)))
        {
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
                    thread.close(
                        CheckOutcome::Inconclusive,
                        Some("the run ended before it".to_owned()),
                    );
                    continue;
                }
                thread.pending = None;
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
