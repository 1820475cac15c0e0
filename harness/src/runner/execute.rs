//! Executing a driver's asks: concurrently, within the budget and the deadlines, every attempt kept.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::check::beside::Beside;
use crate::check::driver::{Asked, Driver, News, Next};
use crate::model::event::Event;
use crate::model::exchange::Exchange;
use crate::model::probe::{Ask, Probe};
use crate::model::refusal::{Refusal, Why};
use crate::model::sealed::Raw;
use crate::model::target::Target;
use crate::runner::budget::{Budget, Denied};
use crate::runner::ledger::{Ledger, turn};
use crate::runner::pace::Pace;
use crate::runner::patience;
use crate::runner::plan::{Job, Plan, Wave, sendings};
use crate::runner::send::Line;
use crate::runner::wake::{Waking, wake};
use crate::transport::answer::{self, Keeper};
use crate::transport::http::Transport;

/// More rounds in a row than this in which nothing is sent or awaited are a bug of the driver, and end the run.
const MOST_BARREN: usize = 64;

/// Leaving things as they were takes no longer than this, though somebody waits for the run to stop.
const TIDYING: Duration = Duration::from_secs(5);

/// A driver that waits for a time that has passed waits this long.
const LEAST_WAIT: Duration = Duration::from_millis(1);

/// What a run saw.
#[derive(Debug, Default)]
pub struct Executed {
    /// Every attempt, by id, step, copy and attempt.
    pub exchanges: Vec<Exchange>,
    /// What was not sent.
    pub refused: Vec<Refusal>,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
}

/// Executes drivers against one target.
#[derive(Debug)]
pub struct Runner<'r, E> {
    target: &'r Target,
    transport: &'r Transport,
    seed: u64,
    events: E,
    budget: Mutex<Budget<'r>>,
    ledger: Mutex<Ledger>,
    pace: Pace,
    deadline: Instant,
    stop: watch::Sender<bool>,
    plan: Plan,
    put_off: Vec<Job>,
    /// How many exchanges and refusals the driver has been shown.
    shown: (usize, usize),
    /// The answers as they came that the driver was not shown yet, and whether it needs them.
    raw: Vec<Raw>,
    needs_raw: bool,
    done: Executed,
    gives_up: bool,
}

impl<'r, E: Fn(Event<'_>) + Sync> Runner<'r, E> {
    /// A runner whose deadline begins now. `events` is told what happens, and decides nothing.
    pub fn new(target: &'r Target, transport: &'r Transport, seed: u64, events: E) -> Self {
        Runner {
            target,
            transport,
            seed,
            events,
            budget: Mutex::new(Budget::new(target, transport)),
            ledger: Mutex::new(Ledger::new(target.bounds.run_keep)),
            pace: Pace::default(),
            deadline: Instant::now() + Duration::from_millis(target.bounds.run_ms),
            stop: watch::Sender::new(false),
            plan: Plan::default(),
            put_off: Vec::new(),
            shown: (0, 0),
            raw: Vec::new(),
            needs_raw: false,
            done: Executed::default(),
            gives_up: true,
        }
    }

    /// The same runner for a driver that waits for a service to answer: it gives up no operation that does not.
    pub fn patient(self) -> Self {
        Runner {
            gives_up: false,
            ..self
        }
    }

    /// The same runner beside something else that spends of the same budget: so many requests, as far as is known by now.
    pub fn beside(mut self, elsewhere: &'r Beside) -> Self {
        let budget = self.budget.get_mut().unwrap_or_else(PoisonError::into_inner);
        budget.beside(elsewhere);
        self
    }

    /// Runs a driver to its end, or until `interrupt` resolves: then what is under way ends at once and is kept as
    /// stopped, and what is not is refused.
    pub async fn run(mut self, driver: &mut dyn Driver, interrupt: impl Future<Output = ()>) -> Executed {
        let stop = self.stop.clone();
        self.needs_raw = driver.needs_raw();
        let interrupted = {
            let mut driving = pin!(async {
                self.wake().await;
                self.drive(driver).await;
            });
            let interrupted = tokio::select! {
                biased;
                () = interrupt => true,
                () = driving.as_mut() => false,
            };
            if interrupted {
                stop.send_replace(true);
                driving.await;
            }
            interrupted
        };
        self.tidy(driver).await;
        self.done.interrupted = interrupted;
        self.done.exchanges.sort_by_key(turn);
        self.done
    }

    /// Wakes a service that may sleep. The run's own time begins when it is awake.
    async fn wake(&mut self) {
        let Some(probe) = Waking::probe(self.target) else {
            return;
        };
        let (id, _) = self.plan.name(&Ask::One(probe.clone()));
        let waking = Waking {
            id,
            probe,
            target: self.target,
            transport: self.transport,
            seed: self.seed,
            stop: &self.stop,
        };
        let budget = self.budget.get_mut().unwrap_or_else(PoisonError::into_inner);
        let ledger = self.ledger.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.done.exchanges = wake(&waking, budget, ledger).await;
        self.deadline = Instant::now() + Duration::from_millis(self.target.bounds.run_ms);
    }

    /// Leaves things as they were, whether the run came to its end or was stopped, in a time of its own.
    async fn tidy(&mut self, driver: &mut dyn Driver) {
        let mut begun = false;
        loop {
            let raw = std::mem::take(&mut self.raw);
            let asked = driver.last(self.news(&raw));
            self.learn(driver);
            if asked.is_empty() {
                return;
            }
            if !begun {
                self.stop.send_replace(false);
                self.deadline = Instant::now() + TIDYING;
                begun = true;
            }
            let jobs = self.plan(asked);
            if jobs.is_empty() {
                return;
            }
            self.wave(jobs).await;
        }
    }

    /// Holds what the driver has come to know as credentials, and takes it out of what was kept before.
    fn learn(&mut self, driver: &mut dyn Driver) {
        let secrets = driver.secrets();
        if secrets.is_empty() {
            return;
        }
        for (name, value) in secrets {
            self.transport.hold(name, &value);
        }
        let redactor = self.transport.redactor();
        for exchange in &mut self.done.exchanges {
            Keeper::again(exchange, redactor);
        }
        for refusal in &mut self.done.refused {
            if let Some(probe) = answer::without(&refusal.probe, redactor) {
                refusal.probe = probe;
            }
        }
    }

    /// What the driver was not shown yet.
    fn news<'n>(&'n mut self, raw: &'n [Raw]) -> News<'n> {
        let (exchanges, refused) = self.shown;
        self.shown = (self.done.exchanges.len(), self.done.refused.len());
        self.done.exchanges[exchanges..].sort_by_key(turn);
        News {
            exchanges: &self.done.exchanges[exchanges..],
            refused: &self.done.refused[refused..],
            raw,
        }
    }

    /// Asks the driver until it wants nothing more. It is not shown what woke the service.
    async fn drive(&mut self, driver: &mut dyn Driver) {
        self.shown = (self.done.exchanges.len(), 0);
        let (mut barren, mut waited) = (0, false);
        while barren <= MOST_BARREN {
            let raw = std::mem::take(&mut self.raw);
            let next = driver.next(self.news(&raw), Timestamp::now());
            self.learn(driver);
            let (seen, refused) = self.shown;
            match next {
                Next::Done if self.put_off.is_empty() => return,
                Next::Done => self.catch_up().await,
                Next::Until(_) if self.over().is_some() => self.catch_up().await,
                Next::Until(_) if waited && !self.put_off.is_empty() => self.catch_up().await,
                Next::Until(time) => {
                    self.wait_until(time).await;
                    (waited, barren) = (true, 0);
                    continue;
                }
                Next::Ask(asked) => {
                    let jobs = self.plan(asked);
                    waited = false;
                    if jobs.is_empty() && self.done.refused.len() == refused {
                        self.catch_up().await;
                    }
                    self.send(jobs).await;
                }
            }
            let idle = self.done.exchanges.len() == seen;
            barren = if idle { barren + 1 } else { 0 };
            tokio::task::yield_now().await;
        }
        tracing::warn!("the driver asked {MOST_BARREN} times for nothing that could be sent, and was ended");
        self.refuse_put_off();
    }

    /// Why nothing more may be sent, when that is so.
    fn over(&self) -> Option<Denied> {
        let (why, reason) = if *self.stop.borrow() {
            (Why::Interrupted, "the run was interrupted")
        } else if Instant::now() >= self.deadline {
            (Why::Deadline, "the run's own deadline had passed")
        } else {
            return None;
        };
        Some(Denied {
            why,
            reason: reason.to_owned(),
            flag: None,
        })
    }

    async fn wait_until(&self, time: Timestamp) {
        let left = time.duration_since(Timestamp::now());
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO).max(LEAST_WAIT);
        let mut stop = self.stop.subscribe();
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep_until(self.deadline) => {}
            () = tokio::time::sleep(left) => {}
        }
    }

    /// Sends what cannot hurt, then what writes; the rest is put off until nothing else is left.
    async fn send(&mut self, jobs: Vec<Job>) {
        let (later, now): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.wave() >= Wave::Paid);
        self.put_off.extend(later);
        let (harmless, writes) = now.into_iter().partition(|job| job.wave() == Wave::Harmless);
        self.wave(harmless).await;
        self.wave(writes).await;
    }

    /// Sends what was put off and is next, one after the other: what is paid before bursts, so that the driver may ask
    /// for more in between.
    async fn catch_up(&mut self) {
        let Some(next) = self.put_off.iter().map(Job::wave).min() else {
            return;
        };
        let (mut jobs, later): (Vec<Job>, Vec<Job>) = std::mem::take(&mut self.put_off)
            .into_iter()
            .partition(|job| job.wave() == next);
        self.put_off = later;
        jobs.sort_by_key(|job| job.id);
        for job in jobs {
            match self.given_up(&job.ask) {
                Some(denied) => self.refuse(&job, &job.ask.probes(), &denied),
                None => self.wave(vec![job]).await,
            }
        }
    }

    fn refuse_put_off(&mut self) {
        let stuck = Denied {
            why: Why::Interrupted,
            reason: "the run was ended before it".to_owned(),
            flag: None,
        };
        for job in std::mem::take(&mut self.put_off) {
            self.refuse(&job, &job.ask.probes(), &stuck);
        }
    }

    /// Merges equal asks, leaves out what was asked before, and refuses what the budget does not admit.
    fn plan(&mut self, asked: Vec<Asked>) -> Vec<Job> {
        let mut jobs: Vec<Job> = Vec::new();
        for Asked { asker, ask } in asked {
            let (id, new) = self.plan.name(&ask);
            if !new {
                let waiting = jobs.iter_mut().chain(&mut self.put_off);
                let done = &mut self.done;
                self.plan
                    .share(id, &asker, waiting, &mut done.exchanges, &mut done.refused);
                continue;
            }
            let job = Job {
                id,
                askers: vec![asker],
                ask,
            };
            match self.admit(&job.ask) {
                Ok(()) => jobs.push(job),
                Err(denied) => self.refuse(&job, &job.ask.probes(), &denied),
            }
        }
        (self.events)(Event::Planned { probes: jobs.len() });
        jobs
    }

    /// Asks the budget for every probe of an ask: admitted whole or not at all.
    fn admit(&mut self, ask: &Ask) -> Result<(), Denied> {
        if let Some(denied) = self.over().or_else(|| self.given_up(ask)) {
            return Err(denied);
        }
        let mut probes = ask.probes().into_iter();
        if let Some(who) = probes.find_map(|probe| self.transport.lacks(probe)) {
            return Err(Denied {
                why: Why::NoCredential,
                reason: format!("the credential `{}` is not at hand", who.secret.0),
                flag: None,
            });
        }
        let budget = self.budget.get_mut().unwrap_or_else(PoisonError::into_inner);
        budget
            .admit_all(&sendings(ask), Timestamp::now())
            .map_err(|(_, denied)| denied)
    }

    /// Why an ask is not worth making any more, when that is so.
    fn given_up(&self, ask: &Ask) -> Option<Denied> {
        self.gives_up
            .then(|| patience::given_up(ask, &self.done.exchanges))
            .flatten()
    }

    fn refuse(&mut self, job: &Job, probes: &[&Probe], denied: &Denied) {
        let refused = &mut self.done.refused;
        self.plan.refuse(job.id, &job.askers, probes, denied, refused);
    }

    /// Sends jobs concurrently and keeps what came of them, in the order of their ids.
    async fn wave(&mut self, jobs: Vec<Job>) {
        let over = || self.over();
        let line = Line {
            target: self.target,
            transport: self.transport,
            seed: self.seed,
            events: &self.events,
            budget: &self.budget,
            ledger: &self.ledger,
            pace: &self.pace,
            deadline: self.deadline,
            stop: &self.stop,
            keeps_raw: self.needs_raw,
            over: &over,
        };
        let at_once = usize::from(self.target.bounds.concurrency.max(1));
        let mut outcomes: Vec<_> = stream::iter(&jobs)
            .map(|job| line.job(job))
            .buffer_unordered(at_once)
            .collect()
            .await;
        outcomes.sort_by_key(|outcome| outcome.id);
        let now = Timestamp::now();
        let budget = self.budget.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (probe, times) in jobs.iter().flat_map(|job| sendings(&job.ask)) {
            budget.over(probe, times, now);
        }
        let ledger = self.ledger.get_mut().unwrap_or_else(PoisonError::into_inner);
        ledger.settle(outcomes.iter_mut().flat_map(|outcome| &mut outcome.exchanges));
        for (job, outcome) in jobs.iter().zip(outcomes) {
            self.done.exchanges.extend(outcome.exchanges);
            self.raw.extend(outcome.raw);
            if let Some(denied) = outcome.denied {
                let unsent: Vec<&Probe> = job.ask.probes().split_off(outcome.sent);
                self.refuse(job, &unsent, &denied);
            }
        }
    }
}
