//! Waiting until only one build answers: a fresh connection for each sample, every address of the name in turn, and a streak
//! of the expected build that is long enough to mean something. Anything else breaks the streak, an error as well.

pub mod streak;
pub mod watch;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::check::asks;
use crate::check::driver::{Asked, Driver, News, Next};
use crate::check::replicas;
use crate::check::wire::is_own;
use crate::drive::wait::watch::Watch;
use crate::model::exchange::{Asker, Exchange};
use crate::model::probe::{Ask, Probe};
use crate::model::rollout::{Ended, Rollout, Stage};
use crate::model::target::Target;

/// Who asks for a sample.
pub const ASKER: &str = "wait";

/// The rest between two samples while the rollout is not there yet.
const REST: SignedDuration = SignedDuration::from_millis(1_000);
/// The rest once waiting has taken [`LONG`].
const LONG_REST: SignedDuration = SignedDuration::from_millis(2_000);
/// When a wait is a long one.
const LONG: SignedDuration = SignedDuration::from_secs(60);
/// The rest between two rounds of samples of a streak.
const STREAK_REST: SignedDuration = SignedDuration::from_millis(50);
/// Samples at once while a streak lasts, and never more than the target's concurrency.
const AT_ONCE: u32 = 4;

/// How patient waiting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// When it began.
    pub begun: Timestamp,
    /// How long it may take.
    pub longest: SignedDuration,
}

/// Drives waiting.
pub struct Waiting<'t, S> {
    target: &'t Target,
    sample: Probe,
    addresses: Vec<IpAddr>,
    patience: Patience,
    watch: Watch,
    asked: u16,
    asked_for_marks: bool,
    due: Option<Timestamp>,
    shown: S,
}

impl<'t, S: FnMut(&Rollout) + Send> Waiting<'t, S> {
    /// Waits for `expected`. Samples go to each of `addresses` in turn; none means that whatever the name leads to is
    /// asked. `shown` is told how things stand after each round.
    pub fn new(
        target: &'t Target,
        expected: &str,
        addresses: Vec<IpAddr>,
        patience: Patience,
        shown: S,
    ) -> Waiting<'t, S> {
        let sample = replicas::sample(target);
        Waiting {
            target,
            watch: Watch::new(target, expected, sample.operation(), patience.begun),
            sample,
            addresses,
            patience,
            asked: 0,
            asked_for_marks: false,
            due: None,
            shown,
        }
    }

    /// What was seen, once waiting is over.
    pub fn over(self, interrupted: bool, now: Timestamp) -> Rollout {
        let settled = self.watch.latest() == Stage::Settled;
        let ended = if interrupted && !settled {
            Ended::Interrupted
        } else {
            self.watch.ended()
        };
        self.watch.rollout(ended, now)
    }

    /// The next samples: many at once while a streak lasts, else one for each address.
    fn round(&mut self) -> Vec<Asked> {
        let left = self.watch.needed().saturating_sub(self.watch.streak());
        let at_once = AT_ONCE.min(u32::from(self.target.bounds.concurrency)).max(1);
        let addresses = u32::try_from(self.addresses.len()).unwrap_or(1).max(1);
        let many = if self.watch.streak() > 0 {
            left.clamp(1, at_once)
        } else {
            addresses
        };
        let mut asked: Vec<Asked> = (0..many).map(|_| self.next_sample()).collect();
        if self.watch.says_nothing() && !std::mem::replace(&mut self.asked_for_marks, true) {
            // The page for an unknown route tells which framework it is, and so how it would say its build.
            asked.push(asked_for(asks::read(asks::NO_SUCH_ROUTE)));
        }
        asked
    }

    fn next_sample(&mut self) -> Asked {
        self.asked += 1;
        let mut probe = self.sample.repeat(self.asked);
        let turn = usize::from(self.asked) % self.addresses.len().max(1);
        probe.to = self.addresses.get(turn).copied();
        asked_for(probe)
    }

    /// Takes what came of a round. An address that nothing here has a route to says nothing of the service, and is left out.
    fn take(&mut self, exchange: &Exchange) {
        if exchange.probe.path != self.sample.path {
            return;
        }
        let no_way = exchange.failure().is_some_and(is_own);
        match exchange.probe.to {
            Some(to) if no_way && self.addresses.len() > 1 => self.addresses.retain(|address| *address != to),
            _ => self.watch.take(self.target, exchange),
        }
    }

    fn rest(&self, now: Timestamp) -> SignedDuration {
        if self.watch.streak() > 0 {
            STREAK_REST
        } else if now.duration_since(self.patience.begun) < LONG {
            REST
        } else {
            LONG_REST
        }
    }

    /// Whether there is nothing to wait for any more.
    fn done(&self, now: Timestamp) -> bool {
        let late = now.duration_since(self.patience.begun) >= self.patience.longest;
        self.watch.verdict().is_some() || late || self.asked >= u16::MAX - 100
    }
}

fn asked_for(probe: Probe) -> Asked {
    Asked {
        asker: Asker(ASKER.to_owned()),
        ask: Ask::One(probe),
    }
}

impl<S: FnMut(&Rollout) + Send> Driver for Waiting<'_, S> {
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next {
        for exchange in news.exchanges {
            self.take(exchange);
        }
        let shown = self.watch.rollout(self.watch.ended(), now);
        (self.shown)(&shown);
        if self.done(now) {
            return Next::Done;
        }
        match self.due.take() {
            None if self.asked > 0 => {
                let ends = self.patience.begun + self.patience.longest;
                let due = (now + self.rest(now)).min(ends);
                self.due = Some(due);
                Next::Until(due)
            }
            Some(due) if now < due => {
                self.due = Some(due);
                Next::Until(due)
            }
            _ => Next::Ask(self.round()),
        }
    }
}
