//! One workflow under way, with the workflows that its steps called, and what became of its steps so far.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::drive::scenario::fill::Filled;
use crate::drive::scenario::values::{Requested, Worths};
use crate::model::exchange::Xid;
use crate::model::journey::{Journey, Passage, Unmet};
use crate::model::run::CheckOutcome;
use crate::scenario::document::{Call, Step, Workflow};

/// More steps than this in one workflow go in circles.
const MOST_STEPS: u32 = 10_000;
/// More workflows than this within each other, too.
pub(super) const DEEPEST: usize = 32;

/// Where a workflow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// At this step.
    Main(usize),
    /// Leaving things as they were: at this step, or the next that does so.
    Cleanup(usize),
}

/// Where its end leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Back {
    /// Nowhere: it is the whole thread.
    Top,
    /// To the step that called it.
    Step,
    /// To the end of the workflow that went on here.
    Transfer,
    /// To another try of the step that had it run first.
    Retry,
}

/// One workflow, called or not.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    pub(super) book: usize,
    pub(super) workflow: &'b Workflow,
    pub(super) inputs: Worths,
    /// What its steps gave.
    pub(super) steps: BTreeMap<String, Worths>,
    pub(super) phase: Phase,
    /// The step to go on at after this one: it is to be tried again.
    pub(super) resume: Option<usize>,
    pub(super) back: Back,
    /// What comes before the ids of its steps.
    pub(super) prefix: String,
    /// What became of it, once its steps but those that clean up are over.
    pub(super) outcome: Option<CheckOutcome>,
    tries: BTreeMap<(usize, String), u64>,
}

impl<'b> Frame<'b> {
    pub(super) fn new(
        book: usize,
        workflow: &'b Workflow,
        inputs: Worths,
        back: Back,
        prefix: String,
    ) -> Frame<'b> {
        Frame {
            book,
            workflow,
            inputs,
            steps: BTreeMap::new(),
            phase: Phase::Main(0),
            resume: None,
            back,
            prefix,
            outcome: None,
            tries: BTreeMap::new(),
        }
    }

    /// The step that it is at.
    pub(super) fn step(&self) -> Option<&'b Step> {
        let (Phase::Main(at) | Phase::Cleanup(at)) = self.phase;
        self.workflow.steps.get(at)
    }

    /// Its place.
    pub(super) fn place(&self) -> usize {
        let (Phase::Main(at) | Phase::Cleanup(at)) = self.phase;
        at
    }

    /// How often the step it is at was tried again by this action.
    pub(super) fn tried(&self, action: &str) -> u64 {
        let tried = self.tries.get(&(self.place(), action.to_owned()));
        tried.copied().unwrap_or_default()
    }

    /// Counts one more try of the step it is at.
    pub(super) fn try_again(&mut self, action: &str) {
        *self.tries.entry((self.place(), action.to_owned())).or_default() += 1;
    }

    /// Ends it but for what cleans up.
    pub(super) fn end(&mut self, outcome: CheckOutcome) {
        if self.outcome.is_none() {
            self.outcome = Some(outcome);
        }
        self.phase = Phase::Cleanup(0);
    }

    /// Goes on behind the step it is at.
    pub(super) fn advance(&mut self) {
        self.phase = match (self.phase, self.resume.take()) {
            (Phase::Main(_), Some(at)) => Phase::Main(at),
            (Phase::Main(at), None) => Phase::Main(at + 1),
            (Phase::Cleanup(at), _) => Phase::Cleanup(at + 1),
        };
    }
}

/// What a thread waits for.
#[derive(Debug)]
pub(super) enum State {
    /// The end of other workflows.
    Waiting,
    /// Nothing.
    Ready,
    /// An answer.
    Asked(Box<Filled>),
    /// A time.
    Sleeping(Timestamp),
    /// It is over.
    Done,
}

/// One workflow of a document under way.
#[derive(Debug)]
pub(super) struct Thread<'b> {
    pub(super) workflow: &'b Workflow,
    pub(super) frames: Vec<Frame<'b>>,
    pub(super) state: State,
    /// What a browser has found that it may send.
    pub(super) pending: Option<Box<Filled>>,
    /// The threads that must be over before, by their places.
    pub(super) needs: Vec<usize>,
    pub(super) journey: Journey,
    steps: u32,
}

impl<'b> Thread<'b> {
    pub(super) fn new(file: &str, frame: Frame<'b>, needs: Vec<usize>) -> Thread<'b> {
        Thread {
            workflow: frame.workflow,
            journey: Journey {
                file: file.to_owned(),
                workflow: frame.workflow.id.value.clone(),
                outcome: CheckOutcome::Inconclusive,
                reason: None,
                steps: Vec::new(),
            },
            frames: vec![frame],
            state: State::Waiting,
            pending: None,
            needs,
            steps: 0,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether so many steps were run that they must go in circles.
    pub(super) fn circles(&mut self) -> bool {
        self.steps += 1;
        self.steps > MOST_STEPS
    }

    /// The passage of a step, made when it is not there yet.
    pub(super) fn passage(&mut self, id: String, call: impl FnOnce() -> String) -> &mut Passage {
        let known = self.journey.steps.iter().position(|passage| passage.step == id);
        let at = known.unwrap_or_else(|| {
            self.journey.steps.push(Passage {
                step: id,
                call: call(),
                outcome: CheckOutcome::Inconclusive,
                status: None,
                tries: 0,
                took_ms: None,
                reason: None,
                flag: None,
                unmet: Vec::new(),
                expects_5xx: None,
                exchanges: Vec::new(),
            });
            self.journey.steps.len() - 1
        });
        &mut self.journey.steps[at]
    }

    /// The exchanges of steps whose ids begin so.
    pub(super) fn exchanges_of(&self, prefix: &str) -> Vec<Xid> {
        let steps = self.journey.steps.iter();
        let its = steps.filter(|passage| passage.step.starts_with(prefix));
        its.flat_map(|passage| passage.exchanges.iter().copied())
            .collect()
    }

    /// Ends the thread: what was not reached is said, and the worst of its steps is what became of it.
    pub(super) fn close(&mut self, outcome: CheckOutcome, reason: Option<String>) {
        let failed = self.journey.steps.iter().find(|passage| is_bad(passage.outcome));
        let failed = failed.map(|passage| passage.step.clone());
        let (left, why) = match (&reason, &failed) {
            (Some(reason), _) => (CheckOutcome::Blocked, reason.clone()),
            (None, Some(step)) => (
                CheckOutcome::Blocked,
                format!("the workflow ended at step `{step}`"),
            ),
            (None, None) if outcome != CheckOutcome::Pass => {
                (CheckOutcome::Blocked, "the run ended before it".to_owned())
            }
            (None, None) => (
                CheckOutcome::Skipped,
                "the workflow did not come by it".to_owned(),
            ),
        };
        for step in &self.workflow.steps {
            let id = step.id.value.clone();
            if !self.journey.steps.iter().any(|passage| passage.step == id) {
                let why = Some(why.clone());
                let passage = self.passage(id, || called(step));
                (passage.outcome, passage.reason) = (left, why);
            }
        }
        self.journey.outcome = worst(&self.journey.steps, outcome);
        self.journey.reason = reason;
        self.state = State::Done;
    }
}

/// What a step calls, before it is known what that is.
pub(super) fn called(step: &Step) -> String {
    match &step.call {
        Some(Call::OperationId(word) | Call::OperationPath(word)) => word.value.clone(),
        Some(Call::Workflow(word)) => format!("workflow {}", word.value),
        Some(Call::Direct { method, url }) => format!("{} {}", method.value.to_ascii_uppercase(), url.value),
        None => "nothing".to_owned(),
    }
}

/// Whether a step did not do what was asked of it.
pub(super) fn is_bad(outcome: CheckOutcome) -> bool {
    matches!(
        outcome,
        CheckOutcome::Fail | CheckOutcome::Inconclusive | CheckOutcome::Blocked
    )
}

/// The worst of the steps that were run, and of what became of the workflow itself.
fn worst(steps: &[Passage], own: CheckOutcome) -> CheckOutcome {
    let has = |outcome| own == outcome || steps.iter().any(|passage| passage.outcome == outcome);
    let order = [
        CheckOutcome::Fail,
        CheckOutcome::Inconclusive,
        CheckOutcome::Blocked,
    ];
    order
        .into_iter()
        .find(|outcome| has(*outcome))
        .unwrap_or(CheckOutcome::Pass)
}

/// What became of one try of a step.
#[derive(Debug, Default)]
pub(super) struct Tried {
    pub(super) outcome: Option<CheckOutcome>,
    pub(super) reason: Option<String>,
    pub(super) flag: Option<String>,
    pub(super) unmet: Vec<Unmet>,
    pub(super) status: Option<u16>,
    pub(super) took_ms: Option<u64>,
    pub(super) exchanges: Vec<Xid>,
    pub(super) requested: Requested,
}
