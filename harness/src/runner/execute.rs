//! Executing a driver's asks: concurrently, within the budget and the deadlines, every attempt kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::check::driver::{Asked, Driver, News, Next};
use crate::model::event::Event;
use crate::model::exchange::{Asker, Exchange, Outcome, WireFault, Xid};
use crate::model::probe::{Ask, Body, Effect, Probe, Text};
use crate::model::refusal::{Refusal, Why};
use crate::model::target::Target;
use crate::runner::budget::{Budget, Denied};
use crate::transport::http::{Attempt, Order, Transport};
use crate::transport::request::Unfillable;

/// Attempts at one probe that has no effect. Anything else is attempted once.
const ATTEMPTS: u8 = 2;

/// What a run saw.
#[derive(Debug, Default)]
pub struct Executed {
    /// Every attempt, by id and attempt.
    pub exchanges: Vec<Exchange>,
    /// What was not sent.
    pub refused: Vec<Refusal>,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
}

/// One ask with everybody who made it, ready to be sent.
#[derive(Debug)]
struct Job {
    id: Xid,
    askers: Vec<Asker>,
    ask: Ask,
}

impl Job {
    /// The worst that it would do.
    fn effect(&self) -> Effect {
        self.ask
            .probes()
            .iter()
            .map(|probe| probe.effect)
            .max()
            .unwrap_or(Effect::Read)
    }

    /// Jobs that run together: harmless ones first, then writes, then what is paid, bursts last.
    fn wave(&self) -> u8 {
        match (&self.ask, self.effect()) {
            (Ask::Burst { .. }, _) | (_, Effect::Hostile) => 3,
            (_, Effect::Paid) => 2,
            (_, Effect::Writes) => 1,
            (_, Effect::Read | Effect::Inert) => 0,
        }
    }
}

/// Executes drivers against one target.
#[derive(Debug)]
pub struct Runner<'r, E> {
    target: &'r Target,
    transport: &'r Transport,
    seed: u64,
    events: E,
    budget: Budget<'r>,
    deadline: Instant,
    known: HashMap<Probe, Xid>,
    next_id: u32,
    done: Executed,
}

impl<'r, E: Fn(Event) + Sync> Runner<'r, E> {
    /// A runner whose deadline begins now. `events` is told what happens, and decides nothing.
    pub fn new(target: &'r Target, transport: &'r Transport, seed: u64, events: E) -> Self {
        Runner {
            target,
            transport,
            seed,
            events,
            budget: Budget::new(target),
            deadline: Instant::now() + Duration::from_millis(target.bounds.run_ms),
            known: HashMap::new(),
            next_id: 0,
            done: Executed::default(),
        }
    }

    /// Runs a driver to its end, or until `interrupt` resolves.
    pub async fn run(mut self, driver: &mut dyn Driver, interrupt: impl Future<Output = ()>) -> Executed {
        let interrupted = tokio::select! {
            biased;
            () = interrupt => true,
            () = self.drive(driver) => false,
        };
        self.done.interrupted = interrupted;
        self.done
            .exchanges
            .sort_by_key(|exchange| (exchange.id, exchange.step, exchange.copy, exchange.attempt));
        self.done
    }

    /// Asks the driver until it wants nothing more. What is paid waits until nothing else is left.
    async fn drive(&mut self, driver: &mut dyn Driver) {
        let mut put_off: Vec<Job> = Vec::new();
        let (mut seen, mut refused) = (0, 0);
        loop {
            self.done.exchanges[seen..].sort_by_key(|exchange| (exchange.id, exchange.attempt));
            let news = News {
                exchanges: &self.done.exchanges[seen..],
                refused: &self.done.refused[refused..],
            };
            let next = driver.next(news, Timestamp::now());
            (seen, refused) = (self.done.exchanges.len(), self.done.refused.len());
            let jobs = match next {
                Next::Ask(asked) => self.plan(asked),
                Next::Until(time) => {
                    self.wait_until(time).await;
                    continue;
                }
                Next::Done if put_off.is_empty() => return,
                Next::Done => Vec::new(),
            };
            let (later, now): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.wave() >= 2);
            put_off.extend(later);
            if now.is_empty() && self.done.refused.len() == refused {
                put_off.sort_by_key(|job| (job.wave(), job.id));
                for job in std::mem::take(&mut put_off) {
                    self.wave(vec![job]).await;
                }
            } else {
                for wave in 0..2 {
                    self.wave(now.iter().filter(|job| job.wave() == wave).map(copy).collect())
                        .await;
                }
            }
        }
    }

    async fn wait_until(&self, time: Timestamp) {
        let left = time.duration_since(Timestamp::now());
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
        tokio::time::sleep_until((Instant::now() + left).min(self.deadline)).await;
    }

    /// Merges equal asks, leaves out what was sent before, and refuses what the budget does not admit.
    fn plan(&mut self, asked: Vec<Asked>) -> Vec<Job> {
        let mut jobs: Vec<Job> = Vec::new();
        for Asked { asker, ask } in asked {
            if let Ask::One(probe) = &ask
                && let Some(id) = self.known.get(probe)
            {
                let id = *id;
                let job = jobs
                    .iter_mut()
                    .filter(|job| job.id == id)
                    .map(|job| &mut job.askers);
                let old = self
                    .done
                    .exchanges
                    .iter_mut()
                    .filter(|x| x.id == id)
                    .map(|x| &mut x.askers);
                job.chain(old).for_each(|askers| add(askers, asker.clone()));
                continue;
            }
            if self.refused_before(&ask, &asker) {
                continue;
            }
            match self.admit(&ask) {
                Ok(()) => {
                    let id = Xid(self.next_id);
                    self.next_id += 1;
                    if let Ask::One(probe) = &ask {
                        self.known.insert(probe.clone(), id);
                    }
                    jobs.push(Job {
                        id,
                        askers: vec![asker],
                        ask,
                    });
                }
                Err((probe, denied)) => self.refuse(probe, vec![asker], denied),
            }
        }
        (self.events)(Event::Planned { probes: jobs.len() });
        jobs
    }

    fn refused_before(&mut self, ask: &Ask, asker: &Asker) -> bool {
        let Ask::One(probe) = ask else { return false };
        let before = self
            .done
            .refused
            .iter_mut()
            .find(|refusal| refusal.probe == *probe);
        before
            .map(|refusal| add(&mut refusal.askers, asker.clone()))
            .is_some()
    }

    /// Asks the budget for every probe of an ask. A sequence is admitted whole or not at all.
    fn admit(&mut self, ask: &Ask) -> Result<(), (Probe, Denied)> {
        for probe in ask.probes() {
            if !self.transport.holds(probe) {
                let name = probe
                    .who
                    .as_ref()
                    .map(|who| who.secret.0.clone())
                    .unwrap_or_default();
                let reason = format!("the credential `{name}` is not at hand");
                return Err((
                    probe.clone(),
                    Denied {
                        why: Why::NoCredential,
                        reason,
                        flag: None,
                    },
                ));
            }
            if Instant::now() >= self.deadline {
                let reason = "the run's own deadline had passed".to_owned();
                return Err((
                    probe.clone(),
                    Denied {
                        why: Why::Deadline,
                        reason,
                        flag: None,
                    },
                ));
            }
            let times = match ask {
                Ask::Burst { each, n, .. } if each == probe => *n,
                _ => 1,
            };
            self.budget
                .admit(probe, times, Timestamp::now())
                .map_err(|denied| (probe.clone(), denied))?;
        }
        Ok(())
    }

    fn refuse(&mut self, probe: Probe, askers: Vec<Asker>, denied: Denied) {
        let Denied { why, reason, flag } = denied;
        self.done.refused.push(Refusal {
            probe,
            askers,
            why,
            reason,
            flag,
        });
    }

    /// Sends jobs concurrently and keeps what came of them, in the order of their ids.
    async fn wave(&mut self, jobs: Vec<Job>) {
        let at_once = usize::from(self.target.bounds.concurrency.max(1));
        let this = &*self;
        let outcomes: Vec<_> = stream::iter(jobs)
            .map(|job| this.job(job))
            .buffer_unordered(at_once)
            .collect()
            .await;
        for (exchanges, refusal) in outcomes {
            self.done.exchanges.extend(exchanges);
            self.done.refused.extend(refusal);
        }
    }

    async fn job(&self, job: Job) -> (Vec<Exchange>, Option<Refusal>) {
        let refusal = |probe: &Probe, unfillable: &Unfillable| Refusal {
            probe: probe.clone(),
            askers: job.askers.clone(),
            why: match unfillable {
                Unfillable::Credential(_) => Why::NoCredential,
                Unfillable::Capture { .. } | Unfillable::Sample(_) | Unfillable::NotHttp(_) => Why::NoCapture,
            },
            reason: unfillable.to_string(),
            flag: None,
        };
        match &job.ask {
            Ask::One(probe) => match self
                .attempts(&job, probe, Place::default(), &BTreeMap::new())
                .await
            {
                Ok((exchanges, _)) => (exchanges, None),
                Err(unfillable) => (vec![], Some(refusal(probe, &unfillable))),
            },
            Ask::Seq(probes) => self.sequence(&job, probes, refusal).await,
            Ask::Burst {
                each,
                n,
                at_once,
                beside,
            } => {
                let copies = stream::iter(0..*n)
                    .map(|copy| self.attempts_or_none(&job, each, Place { step: 0, copy }))
                    .buffer_unordered(usize::from((*at_once).max(1)))
                    .collect::<Vec<_>>();
                let beside = async {
                    match beside {
                        Some(probe) => {
                            self.attempts_or_none(&job, probe, Place { step: 1, copy: 0 })
                                .await
                        }
                        None => Vec::new(),
                    }
                };
                let (copies, beside) = tokio::join!(copies, beside);
                (copies.into_iter().flatten().chain(beside).collect(), None)
            }
        }
    }

    async fn attempts_or_none(&self, job: &Job, probe: &Probe, place: Place) -> Vec<Exchange> {
        self.attempts(job, probe, place, &BTreeMap::new())
            .await
            .map(|(seen, _)| seen)
            .unwrap_or_default()
    }

    /// Probes in order, values of earlier answers carried into later requests.
    async fn sequence(
        &self,
        job: &Job,
        probes: &[Probe],
        refusal: impl Fn(&Probe, &Unfillable) -> Refusal,
    ) -> (Vec<Exchange>, Option<Refusal>) {
        let mut seen = Vec::new();
        let mut captures = BTreeMap::new();
        for (step, probe) in probes.iter().enumerate() {
            let place = Place {
                step: u8::try_from(step).unwrap_or(u8::MAX),
                copy: 0,
            };
            match self.attempts(job, probe, place, &captures).await {
                Ok((exchanges, raw)) => {
                    seen.extend(exchanges);
                    capture(&mut captures, probes, place.step, &raw);
                }
                Err(unfillable) => return (seen, Some(refusal(probe, &unfillable))),
            }
        }
        (seen, None)
    }

    /// Attempts a probe, again when nothing came back and nothing could have happened. Every attempt is kept.
    async fn attempts(
        &self,
        job: &Job,
        probe: &Probe,
        place: Place,
        captures: &BTreeMap<(u8, String), String>,
    ) -> Result<(Vec<Exchange>, bytes::Bytes), Unfillable> {
        let harmless = matches!(probe.effect, Effect::Read | Effect::Inert);
        let mut seen: Vec<Exchange> = Vec::new();
        for attempt in 1..=ATTEMPTS {
            let request_id = format!(
                "gl-{:08x}-{}-{}-{}",
                self.seed as u32, job.id.0, place.copy, attempt
            );
            let order = Order {
                probe,
                captures,
                request_id: &request_id,
                within: self.within(probe),
                reuse: harmless && attempt == 1,
            };
            let Attempt {
                at,
                conn,
                sent,
                reply,
                phases,
                redacted,
                raw,
            } = self.transport.attempt(order).await?;
            let again = harmless && attempt < ATTEMPTS && may_repeat(&reply);
            let exchange = Exchange {
                id: job.id,
                probe: Arc::new(probe.clone()),
                askers: job.askers.clone(),
                step: place.step,
                copy: place.copy,
                attempt,
                at,
                conn,
                sent,
                reply,
                phases,
                redacted,
            };
            if !again {
                let status = exchange.status();
                (self.events)(Event::Answered {
                    operation: probe.operation(),
                    status,
                });
                seen.push(exchange);
                return Ok((seen, raw));
            }
            seen.push(exchange);
        }
        Ok((seen, bytes::Bytes::new()))
    }

    /// How long an attempt may take: its own deadline, or what is left of the run.
    fn within(&self, probe: &Probe) -> Duration {
        let bounds = &self.target.bounds;
        let own = if probe.effect == Effect::Paid {
            bounds.paid_deadline_ms
        } else {
            bounds.deadline_ms
        };
        Duration::from_millis(own).min(self.deadline.saturating_duration_since(Instant::now()))
    }
}

/// Where within its ask an exchange stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    step: u8,
    copy: u16,
}

/// Whether a failed attempt may be repeated: nothing came back, and repeating might find out why.
fn may_repeat(reply: &Outcome) -> bool {
    let Outcome::Failed(error) = reply else {
        return false;
    };
    matches!(
        error.fault,
        WireFault::Refused | WireFault::Reset | WireFault::ClosedWithoutAnswer | WireFault::ReusedClosed
    )
}

fn add(askers: &mut Vec<Asker>, asker: Asker) {
    if let Err(at) = askers.binary_search(&asker) {
        askers.insert(at, asker);
    }
}

fn copy(job: &Job) -> Job {
    Job {
        id: job.id,
        askers: job.askers.clone(),
        ask: job.ask.clone(),
    }
}

/// Takes the values that later steps want from this step's answer.
fn capture(captures: &mut BTreeMap<(u8, String), String>, probes: &[Probe], step: u8, raw: &[u8]) {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(raw) else {
        return;
    };
    for probe in probes {
        let body_text = match &probe.body {
            Body::Text { text, .. } => Some(text),
            _ => None,
        };
        let texts = probe
            .headers
            .iter()
            .map(|(_, text)| text)
            .chain([&probe.path])
            .chain(body_text);
        for text in texts {
            let Text::Captured { step: from, at, .. } = text else {
                continue;
            };
            let found = body.pointer(at).filter(|_| *from == step);
            let value = found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            captures.extend(value.map(|value| ((step, at.clone()), value)));
        }
    }
}
