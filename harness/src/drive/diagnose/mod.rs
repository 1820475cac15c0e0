//! Diagnosing: the decision tree of an on-call engineer, asked gently. Whoever is in trouble already gets one request at a
//! time first, and none more once it refuses them or slows down.

pub mod infer;
pub mod locate;
pub mod order;
pub mod so_far;
pub mod waking;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::check::asks::{self, is_safe};
use crate::check::beside::Beside;
use crate::check::driver::{Asked, Driver, News, Next};
use crate::check::pages;
use crate::check::replicas;
use crate::drive::diagnose::order::{Symptom, has_effect, rank};
use crate::drive::rounds::Rounds;
use crate::model::exchange::{Asker, Exchange};
use crate::model::probe::{Ask, Conn, Effect, Probe};
use crate::model::refusal::Refusal;
use crate::model::target::Target;

/// Who asks for what no check asks for.
pub const ASKER: &str = "diagnose";

/// So many go out one at a time before several do.
const CAREFUL: usize = 6;
/// At once after that.
const AT_ONCE: usize = 4;
/// After so many answers the checks are asked again, though not all that they wanted was sent: what an answer makes them want to
/// know tells more than the rest of a list, and the budget does not last for both.
const A_ROUND: usize = 6;
/// How often it is looked whether somebody else is over.
const A_GLANCE: SignedDuration = SignedDuration::from_millis(25);
/// A service that answers 429 or 503 so often is left alone.
const ENOUGH: usize = 3;
/// Answers that take so many times as long as the first ones, and a second at least, are a service that suffers.
const SLOWER: u64 = 5;
/// A second, in microseconds.
const SECOND: u64 = 1_000_000;

/// Drives a diagnosis.
pub struct Diagnosing<'c, S> {
    rounds: Rounds<'c>,
    symptom: Option<Symptom>,
    queue: VecDeque<Asked>,
    exchanges: Vec<Exchange>,
    refused: Vec<Refusal>,
    sent: usize,
    /// Requests that came back, and how many there may be.
    spent: usize,
    limit: usize,
    /// Requests of the same budget that are spent or kept elsewhere.
    elsewhere: Option<&'c Beside>,
    /// Requests to each operation that were no plain reads, and how many there may be within a minute.
    asked: HashMap<String, usize>,
    per_operation: Option<usize>,
    health: Vec<String>,
    pressed: usize,
    first: Option<u64>,
    stopped: Option<&'static str>,
    shown: S,
}

impl<'c, S: FnMut(&[Exchange]) + Send> Diagnosing<'c, S> {
    /// A diagnosis by the checks of `rounds`, which must be those of [`order::CHECKS`]. `addresses` are all that the name
    /// has; each is asked. `shown` is told of what was seen after each step.
    pub fn new(
        target: &Target,
        rounds: Rounds<'c>,
        addresses: &[std::net::IpAddr],
        symptom: Option<Symptom>,
        shown: S,
    ) -> Diagnosing<'c, S> {
        let routes = &target.routes;
        let routes = [&routes.health, &routes.ready, &routes.ai_health].map(Clone::clone);
        Diagnosing {
            rounds,
            symptom,
            queue: first(target, addresses).chain(upload(target, symptom)).collect(),
            exchanges: Vec::new(),
            refused: Vec::new(),
            sent: 0,
            spent: 0,
            limit: target.bounds.requests as usize,
            elsewhere: None,
            asked: HashMap::new(),
            per_operation: target.bounds.per_operation.map(|limit| limit as usize),
            health: routes.into_iter().flatten().collect(),
            pressed: 0,
            first: None,
            stopped: None,
            shown,
        }
    }

    /// The same diagnosis beside something else that spends of the same budget: what is kept for it is not asked until it is over.
    pub fn beside(self, elsewhere: &'c Beside) -> Self {
        Diagnosing {
            elsewhere: Some(elsewhere),
            ..self
        }
    }

    /// Why it stopped asking before it was through, when it did.
    pub fn stopped(&self) -> Option<&'static str> {
        self.stopped
    }

    fn note(&mut self, exchange: &Exchange) {
        if exchange.probe.effect != Effect::Read {
            *self.asked.entry(exchange.probe.operation()).or_default() += 1;
        }
        let Some(reply) = exchange.answer() else { return };
        // A 503 of a health route tells how things are; it refuses nothing.
        let tells = reply.body.json().is_some()
            && self
                .health
                .iter()
                .any(|route| exchange.probe.path_text() == route);
        if matches!(reply.status, 429 | 503) && !tells {
            self.pressed += 1;
        }
        if self.pressed >= ENOUGH {
            self.stopped =
                Some("the service refused what was asked as too much (429 or 503) again and again");
        }
        let Some(wait) = exchange
            .phases
            .wait
            .filter(|_| exchange.probe.effect == Effect::Read)
        else {
            return;
        };
        let first = *self.first.get_or_insert(wait);
        if wait > first.saturating_mul(SLOWER).max(SECOND) && self.sent > CAREFUL {
            self.stopped = Some("the service answered more and more slowly while it was asked");
        }
    }

    fn sort<K: Ord>(&mut self, key: impl FnMut(&Asked) -> K) {
        self.queue.make_contiguous().sort_by_key(key);
    }

    /// Whether it would use up what one operation may be asked in a minute, for something that has no effect.
    fn spends_the_last(&self, ask: &Ask) -> bool {
        let Some(limit) = self.per_operation else {
            return false;
        };
        let probes = ask.probes();
        probes.iter().any(|probe| {
            let asked = self.asked.get(&probe.operation()).copied().unwrap_or_default();
            probe.effect == Effect::Inert && asked + AT_ONCE >= limit
        })
    }

    /// Requests of what has an effect and was not asked yet.
    fn kept(&self) -> usize {
        let effects = self.queue.iter().filter(|asked| has_effect(&asked.ask));
        effects.map(|asked| requests(&asked.ask)).sum()
    }

    /// The next asks, the most telling first. The call that users make comes last, and yet before the budget is spent on what
    /// is asked around it: it is what the diagnosis is about. None while what is kept for somebody else would decide it: how quick
    /// they are shall decide nothing.
    fn batch(&mut self) -> Option<Vec<Asked>> {
        let symptom = self.symptom;
        self.sort(|asked| rank(&asked.asker.0, &asked.ask, symptom));
        // One request to each of several addresses is one at a time, and one that swallows it keeps nobody waiting.
        let asked = self.queue.iter();
        let apart = asked.take_while(|asked| goes_to_an_address(&asked.ask)).count();
        let many = match (apart, self.sent < CAREFUL) {
            (1.., _) => apart.min(AT_ONCE),
            (0, true) => 1,
            (0, false) => AT_ONCE,
        };
        let coming = || self.queue.iter().take(many).map(|asked| &asked.ask);
        let next: usize = coming().map(requests).sum();
        let (kept, elsewhere) = (self.kept(), self.elsewhere.map_or(0, Beside::requests) as usize);
        let is_over = self.elsewhere.is_none_or(Beside::is_over);
        let spent = self.spent + elsewhere + next + kept > self.limit;
        if spent && !is_over {
            return None;
        }
        let spends = spent || coming().any(|ask| self.spends_the_last(ask));
        if kept > 0 && spends {
            self.sort(|asked| !has_effect(&asked.ask));
        }
        let batch: Vec<Asked> = self.queue.drain(..many.min(self.queue.len())).collect();
        self.sent += batch.len();
        Some(batch)
    }
}

/// Whether an ask goes to one of the addresses, and not to any.
fn goes_to_an_address(ask: &Ask) -> bool {
    ask.probes().iter().all(|probe| probe.to.is_some())
}

/// How many requests an ask makes.
fn requests(ask: &Ask) -> usize {
    match ask {
        Ask::One(_) => 1,
        Ask::Seq(probes) => probes.len(),
        Ask::Burst { n, beside, .. } => usize::from(*n) + usize::from(beside.is_some()),
    }
}

/// What is asked before any check has a say: every address of the name, each on a connection of its own.
fn first(target: &Target, addresses: &[std::net::IpAddr]) -> impl Iterator<Item = Asked> {
    let several = addresses.len() > 1;
    let addresses = addresses.iter().filter(move |_| several);
    let probes: Vec<Probe> = addresses
        .map(|address| Probe {
            to: Some(*address),
            conn: Conn::Fresh,
            ..replicas::sample(target)
        })
        .collect();
    probes.into_iter().map(|probe| Asked {
        asker: Asker(ASKER.to_owned()),
        ask: Ask::One(probe),
    })
}

/// The call that fails as an upload that nobody could accept, where uploads are what fails: is it let through, and may a page
/// read that it is not? The check that asks it elsewhere spares production.
fn upload(target: &Target, symptom: Option<Symptom>) -> Option<Asked> {
    let made = target.clients.first().and_then(|client| client.calls.first());
    let first = made.map(|made| made.call.clone()).filter(|call| !is_safe(call));
    let call = first.or_else(|| pages::main_call(target))?;
    (symptom == Some(Symptom::Upload)).then(|| Asked {
        asker: Asker("cors/headers-exposed".to_owned()),
        ask: Ask::One(asks::upload(target, &call)),
    })
}

impl<S: FnMut(&[Exchange]) + Send> Driver for Diagnosing<'_, S> {
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next {
        for exchange in news.exchanges {
            self.note(exchange);
        }
        self.spent += news.exchanges.len();
        self.exchanges.extend_from_slice(news.exchanges);
        self.refused.extend_from_slice(news.refused);
        (self.shown)(news.exchanges);
        if self.stopped.is_some() {
            return Next::Done;
        }
        if self.queue.is_empty() || self.exchanges.len() >= A_ROUND {
            let (exchanges, refused) = (
                std::mem::take(&mut self.exchanges),
                std::mem::take(&mut self.refused),
            );
            let news = News {
                exchanges: &exchanges,
                refused: &refused,
                raw: &[],
            };
            match self.rounds.next(news, now) {
                Next::Ask(asked) => self.queue.extend(asked),
                other if self.queue.is_empty() => return other,
                Next::Until(_) | Next::Done => {}
            }
        }
        match self.batch() {
            Some(batch) => Next::Ask(batch),
            None => Next::Until(now.checked_add(A_GLANCE).unwrap_or(now)),
        }
    }

    fn last(&mut self, news: News<'_>) -> Vec<Asked> {
        self.exchanges.extend_from_slice(news.exchanges);
        self.refused.extend_from_slice(news.refused);
        self.rounds.last(News {
            exchanges: &self.exchanges,
            refused: &self.refused,
            raw: &[],
        })
    }
}
