//! Sending one job: its attempts, its steps, its copies. Nothing is decided here about whether a job may be sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::check::edge::is_limit;
use crate::model::event::Event;
use crate::model::exchange::{Exchange, Outcome, WireFault, Xid};
use crate::model::mutation::Mutation;
use crate::model::probe::{Ask, Conn, Effect, Probe, Text, Wire};
use crate::model::refusal::Why;
use crate::model::sealed::{Answer, Raw, Sealed};
use crate::model::target::{Environment, Target};
use crate::runner::budget::{Budget, Denied};
use crate::runner::ledger::Ledger;
use crate::runner::pace::Pace;
use crate::runner::plan::Job;
use crate::transport::http::{Attempt, Order, Transport};
use crate::transport::request::Unfillable;

/// Attempts at one probe that has no effect and was lost. Anything else is attempted once, unless a limit refused it.
const ATTEMPTS: u8 = 2;

/// Milliseconds that a request without TLS, or one written by hand, may take at most.
const MOST_ODD: u64 = 3_000;

/// Values of earlier answers, by step and pointer.
type Captures = BTreeMap<(u8, String), String>;

/// What came of a job.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) id: Xid,
    pub(crate) exchanges: Vec<Exchange>,
    /// The answers as they came, of the last attempts; none unless the driver needs them.
    pub(crate) raw: Vec<Raw>,
    /// How many of the ask's probes were sent, in their order.
    pub(crate) sent: usize,
    /// Why the others were not.
    pub(crate) denied: Option<Denied>,
}

/// What sending needs.
pub(crate) struct Line<'l, 'r, E> {
    pub(crate) target: &'l Target,
    pub(crate) transport: &'l Transport,
    pub(crate) seed: u64,
    pub(crate) events: &'l E,
    pub(crate) budget: &'l Mutex<Budget<'r>>,
    pub(crate) ledger: &'l Mutex<Ledger>,
    pub(crate) pace: &'l Pace,
    pub(crate) deadline: Instant,
    pub(crate) stop: &'l watch::Sender<bool>,
    /// Whether the driver needs answers as they came.
    pub(crate) keeps_raw: bool,
    /// Why nothing more may be sent, when that is so.
    pub(crate) over: &'l (dyn Fn() -> Option<Denied> + Sync),
}

/// Where within its ask an exchange stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    step: u8,
    copy: u16,
    /// Whether it is one of many at once, which is then the point: it waits for nobody and is not repeated.
    at_once: bool,
}

/// The id under which an attempt stands in the service's log.
pub(crate) fn request_id(seed: u64, id: Xid, Place { step, copy, .. }: Place, attempt: u8) -> String {
    format!("gl-{:08x}-{}-{step}-{copy}-{attempt}", seed as u32, id.0)
}

/// As long as any such id, so that no request weighs more than was thought.
pub(crate) fn longest_id() -> String {
    let last = Place {
        step: u8::MAX,
        copy: u16::MAX,
        at_once: false,
    };
    request_id(u64::MAX, Xid(u32::MAX), last, u8::MAX)
}

impl<E: Fn(Event<'_>) + Sync> Line<'_, '_, E> {
    /// Sends a job.
    pub(crate) async fn job(&self, job: &Job) -> Sent {
        match &job.ask {
            Ask::One(probe) => self.sequence(job, std::slice::from_ref(probe)).await,
            Ask::Seq(probes) => self.sequence(job, probes).await,
            Ask::Burst {
                each,
                n,
                at_once,
                beside,
            } => self.burst(job, each, (*n, *at_once), beside.as_deref()).await,
        }
    }

    /// Probes in order, values of earlier answers carried into later requests.
    async fn sequence(&self, job: &Job, probes: &[Probe]) -> Sent {
        let mut captures = Captures::new();
        let mut done = Sent {
            id: job.id,
            exchanges: Vec::new(),
            raw: Vec::new(),
            sent: 0,
            denied: None,
        };
        for (step, probe) in probes.iter().enumerate() {
            let step = u8::try_from(step).unwrap_or(u8::MAX);
            let hides = hidden(probes, step);
            match self
                .attempts(
                    job,
                    probe,
                    Place {
                        step,
                        ..Place::default()
                    },
                    &captures,
                    &hides,
                )
                .await
            {
                Ok((exchanges, raw)) => {
                    done.exchanges.extend(exchanges);
                    done.sent += 1;
                    capture(&mut captures, probes, step, &raw.body);
                    if self.keeps_raw {
                        let (id, answer) = (job.id, Sealed::new(raw));
                        done.raw.push(Raw { id, step, answer });
                    }
                }
                Err(denied) => {
                    done.denied = Some(denied);
                    break;
                }
            }
        }
        done
    }

    /// Copies of one probe at once, and another beside them. Production gets no more at once than from anything else.
    async fn burst(&self, job: &Job, each: &Probe, (n, at_once): (u16, u16), beside: Option<&Probe>) -> Sent {
        let most = match self.target.environment {
            Environment::Production => self.target.bounds.concurrency,
            Environment::Local | Environment::Staging => u16::MAX,
        };
        let none = Captures::new();
        let crowd = Place {
            at_once: true,
            ..Place::default()
        };
        let one = async |probe, place| {
            let attempted = self.attempts(job, probe, place, &none, &[]).await;
            attempted.map(|(exchanges, _)| exchanges)
        };
        let copies = stream::iter(0..n)
            .map(|copy| one(each, Place { copy, ..crowd }))
            .buffer_unordered(usize::from(at_once.clamp(1, most.max(1))))
            .collect::<Vec<_>>();
        let beside = async {
            match beside {
                Some(probe) => vec![one(probe, Place { step: 1, ..crowd }).await],
                None => Vec::new(),
            }
        };
        let (copies, beside) = tokio::join!(copies, beside);
        let sent = usize::from(copies.iter().all(Result::is_ok));
        let mut done = Sent {
            id: job.id,
            exchanges: Vec::new(),
            raw: Vec::new(),
            sent,
            denied: None,
        };
        for outcome in copies.into_iter().chain(beside) {
            match outcome {
                Ok(exchanges) => done.exchanges.extend(exchanges),
                Err(denied) => done.denied = Some(denied),
            }
        }
        done
    }

    /// Attempts a probe, again when nothing came back and nothing could have happened, or when it was refused because too
    /// much was asked. Every attempt is kept.
    async fn attempts(
        &self,
        job: &Job,
        probe: &Probe,
        place: Place,
        captures: &Captures,
        hides: &[String],
    ) -> Result<(Vec<Exchange>, Answer), Denied> {
        let mut seen: Vec<Exchange> = Vec::new();
        let mut turn = None;
        loop {
            if !place.at_once {
                turn = match turn {
                    None => self.pace.turn().await,
                    held => held,
                };
                self.pace.pause(self.deadline, self.stop).await;
            }
            if let Some(over) = (self.over)() {
                return if seen.is_empty() {
                    Err(over)
                } else {
                    self.tell(probe, &seen);
                    Ok((seen, Answer::default()))
                };
            }
            if seen.is_empty() {
                let operation = probe.operation();
                (self.events)(Event::Asked { operation });
            }
            let attempted = self.attempt(job, probe, place, (captures, hides), seen.len());
            let (mut exchange, raw) = match attempted.await {
                Ok(attempted) => attempted,
                Err(denied) => {
                    self.tell(probe, &[]);
                    return Err(denied);
                }
            };
            let again = self.may_repeat(&exchange, &seen, place) && self.again(probe);
            self.ledger
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .deposit(&mut exchange);
            seen.push(exchange);
            if !again {
                self.tell(probe, &seen);
                return Ok((seen, raw));
            }
        }
    }

    /// Says what came of a probe that was asked.
    fn tell(&self, probe: &Probe, attempts: &[Exchange]) {
        (self.events)(Event::Answered {
            operation: probe.operation(),
            status: attempts.last().and_then(Exchange::status),
            attempts,
        });
    }

    /// One attempt, after so many others, and its answer before anything was redacted.
    async fn attempt(
        &self,
        job: &Job,
        probe: &Probe,
        place: Place,
        (captures, hides): (&Captures, &[String]),
        before: usize,
    ) -> Result<(Exchange, Answer), Denied> {
        let attempt = u8::try_from(before + 1).unwrap_or(u8::MAX);
        let request_id = request_id(self.seed, job.id, place, attempt);
        let order = Order {
            probe,
            captures,
            hides,
            request_id: &request_id,
            within: self.within(probe),
            run_ends: self.deadline,
            reuse: is_harmless(probe) && attempt == 1,
            stop: self.stop.subscribe(),
        };
        let mut attempted = self
            .transport
            .attempt(order)
            .await
            .map_err(|why| unfillable(&why))?;
        let raw = std::mem::take(&mut attempted.raw);
        Ok((exchange(job, probe, place, attempt, attempted), raw))
    }

    /// Whether an attempt may be repeated, given those before it.
    fn may_repeat(&self, exchange: &Exchange, before: &[Exchange], place: Place) -> bool {
        let probe = &*exchange.probe;
        if matches!(probe.conn, Conn::Hold { .. }) || matches!(probe.wire, Wire::Plain | Wire::Raw(_)) {
            return false;
        }
        if probe.within_ms.is_some() {
            // Whoever says how long to wait says how often, too.
            return false;
        }
        let limited = |exchange: &Exchange| exchange.answer().is_some_and(is_limit);
        let was_limited = before.iter().any(limited);
        if was_limited {
            self.pace.repeated(limited(exchange));
        }
        if exchange.answer().is_some() && !limited(exchange) {
            self.pace.answered();
        }
        match exchange.answer().filter(|reply| is_limit(reply)) {
            // Whoever refuses a request for coming too soon has not done it, so even a paid one may be repeated.
            Some(reply) => {
                let soon = self.pace.refused(reply, Instant::now(), self.deadline);
                soon && !was_limited && !place.at_once && probe.effect != Effect::Hostile
            }
            None => is_harmless(probe) && exchange.attempt < ATTEMPTS && is_lost(&exchange.reply),
        }
    }

    /// Whether the budget admits another attempt.
    fn again(&self, probe: &Probe) -> bool {
        let now = Timestamp::now();
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let admitted = budget.admit(probe, 1, now).is_ok();
        if admitted {
            budget.over(probe, 1, now);
        }
        admitted
    }

    /// How long an attempt may take.
    fn within(&self, probe: &Probe) -> Duration {
        let bounds = &self.target.bounds;
        if matches!(probe.wire, Wire::Plain | Wire::Raw(_)) {
            // Who swallows what must be refused is healthy, and nobody should wait long for it.
            return Duration::from_millis(bounds.deadline_ms.min(MOST_ODD));
        }
        let usual = if probe.effect == Effect::Paid {
            bounds.paid_deadline_ms
        } else {
            bounds.deadline_ms
        };
        Duration::from_millis(probe.within_ms.unwrap_or(usual))
    }
}

pub(crate) fn exchange(job: &Job, probe: &Probe, place: Place, attempt: u8, seen: Attempt) -> Exchange {
    Exchange {
        id: job.id,
        probe: Arc::new(probe.clone()),
        askers: job.askers.clone(),
        step: place.step,
        copy: place.copy,
        attempt,
        at: seen.at,
        conn: seen.conn,
        sent: seen.sent,
        reply: seen.reply,
        phases: seen.phases,
        redacted: seen.redacted,
    }
}

fn unfillable(why: &Unfillable) -> Denied {
    Denied {
        why: match why {
            Unfillable::Credential(_) => Why::NoCredential,
            Unfillable::Capture { .. }
            | Unfillable::Sample(_)
            | Unfillable::Unchangeable(_)
            | Unfillable::NotHttp(_) => Why::NoCapture,
        },
        reason: why.to_string(),
        flag: None,
    }
}

/// Whether a probe has no effect, whatever the service makes of it.
fn is_harmless(probe: &Probe) -> bool {
    matches!(probe.effect, Effect::Read | Effect::Inert)
}

/// Whether nothing came back, so that repeating might find out why.
fn is_lost(reply: &Outcome) -> bool {
    let Outcome::Failed(error) = reply else {
        return false;
    };
    matches!(
        error.fault,
        WireFault::Refused | WireFault::Reset | WireFault::ClosedWithoutAnswer | WireFault::ReusedClosed
    )
}

/// The texts of a probe that may come from an earlier answer.
fn texts(probe: &Probe) -> impl Iterator<Item = &Text> {
    let key_set = probe
        .who
        .as_ref()
        .filter(|who| who.mutation == Mutation::PublicKeyAsSecret);
    probe.texts().chain(key_set.map(|_| &KEY_SET))
}

/// The whole answer of the first step, from which [`Mutation::PublicKeyAsSecret`] takes the key.
static KEY_SET: Text = Text::Captured {
    step: 0,
    at: String::new(),
    secret: false,
};

/// Where this step's answer holds values that later steps use as credentials.
fn hidden(probes: &[Probe], step: u8) -> Vec<String> {
    let from_here = probes.iter().flat_map(texts).filter_map(|text| match text {
        Text::Captured {
            step: from,
            at,
            secret: true,
        } if *from == step => Some(at.clone()),
        _ => None,
    });
    from_here.collect()
}

/// Takes the values that later steps want from this step's answer.
fn capture(captures: &mut Captures, probes: &[Probe], step: u8, raw: &[u8]) {
    let wanted: Vec<&String> = probes
        .iter()
        .flat_map(texts)
        .filter_map(|text| match text {
            Text::Captured { step: from, at, .. } if *from == step => Some(at),
            _ => None,
        })
        .collect();
    if wanted.is_empty() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(raw) else {
        return;
    };
    for at in wanted {
        if let Some(value) = body.pointer(at) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            captures.insert((step, at.clone()), value);
        }
    }
}
