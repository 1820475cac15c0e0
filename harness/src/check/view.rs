//! What checks look at: the target and what was seen of it so far. It is built from a running recording and from an old
//! one alike, so a judgement cannot tell the difference.

use std::collections::HashMap;

use crate::check::edge::is_limit;
use crate::contract::load::Contract;
use crate::model::exchange::{Exchange, Reply, WireError};
use crate::model::heard::Heard;
use crate::model::names::{Lookup, MOST_LOOKUPS};
use crate::model::page::SeenPage;
use crate::model::probe::Probe;
use crate::model::recording::Connection;
use crate::model::refusal::Refusal;
use crate::model::spawned::Spawned;
use crate::model::target::Target;

/// What became of a probe.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'v> {
    /// It was answered.
    Answered(&'v Exchange, &'v Reply),
    /// It was refused since too much was asked (HTTP 429): what it would have answered is not known.
    Limited(&'v Exchange, &'v Reply),
    /// It was sent, or tried, and there is no answer.
    Failed(&'v Exchange, &'v WireError),
    /// It was asked for and not sent.
    Refused(&'v Refusal),
    /// Nobody asked for it.
    NotAsked,
}

/// What was seen so far.
#[derive(Debug)]
pub struct View<'v> {
    /// What is under test.
    pub target: &'v Target,
    /// The contract that answers are held against, when there is one.
    pub contract: Option<&'v Contract>,
    /// Every attempt, by id and attempt.
    pub exchanges: &'v [Exchange],
    /// What was asked for and not sent.
    pub refused: &'v [Refusal],
    /// What woke the service before anything was judged: failures among it are a start that was allowed to take its time.
    pub woken: &'v [Exchange],
    /// The service itself, when the run started it.
    pub spawned: Option<&'v Spawned>,
    /// Every connection that was opened or tried, by number. Empty while a run is still asking.
    pub connections: &'v [Connection],
    /// What each resolver says of the target's name, when they were asked. Empty while a run is still asking.
    pub names: &'v [Lookup],
    /// Web pages of clients that were read.
    pub pages: &'v [SeenPage],
    last: HashMap<&'v Probe, usize>,
}

impl<'v> View<'v> {
    /// A view of these exchanges.
    pub fn new(
        target: &'v Target,
        contract: Option<&'v Contract>,
        exchanges: &'v [Exchange],
        refused: &'v [Refusal],
    ) -> View<'v> {
        let last = exchanges
            .iter()
            .enumerate()
            .map(|(at, exchange)| (&*exchange.probe, at))
            .collect();
        View {
            target,
            contract,
            exchanges,
            refused,
            woken: &[],
            spawned: None,
            connections: &[],
            names: &[],
            pages: &[],
            last,
        }
    }

    /// The same view, with what became of the service that the run started.
    #[must_use]
    pub fn of_service(mut self, spawned: Option<&'v Spawned>) -> View<'v> {
        self.spawned = spawned;
        self
    }

    /// The same, with what woke the service.
    #[must_use]
    pub fn after(mut self, woken: &'v [Exchange]) -> View<'v> {
        self.woken = woken;
        self
    }

    /// The same, with the connections that carried the exchanges.
    #[must_use]
    pub fn over(mut self, connections: &'v [Connection]) -> View<'v> {
        self.connections = connections;
        self
    }

    /// The same, with what each resolver says of the target's name.
    #[must_use]
    pub fn named(mut self, names: &'v [Lookup]) -> View<'v> {
        self.names = names.get(..MOST_LOOKUPS).unwrap_or(names);
        self
    }

    /// The same, with the web pages that were read.
    #[must_use]
    pub fn of_pages(mut self, pages: &'v [SeenPage]) -> View<'v> {
        self.pages = pages;
        self
    }

    /// The connection that carried an exchange, when it is known.
    pub fn connection(&self, exchange: &Exchange) -> Option<&'v Connection> {
        let number = exchange.conn?;
        self.connections.iter().find(|connection| connection.id == number)
    }

    /// What became of a probe: of its last attempt, when there were several.
    pub fn seen(&self, probe: &Probe) -> Seen<'v> {
        if let Some(exchange) = self.last.get(probe).and_then(|at| self.exchanges.get(*at)) {
            return match (exchange.answer(), exchange.failure()) {
                (Some(reply), _) if is_limit(reply) => Seen::Limited(exchange, reply),
                (Some(reply), _) => Seen::Answered(exchange, reply),
                (None, Some(error)) => Seen::Failed(exchange, error),
                (None, None) => Seen::NotAsked,
            };
        }
        self.refused
            .iter()
            .find(|refusal| refusal.probe == *probe)
            .map_or(Seen::NotAsked, Seen::Refused)
    }

    /// The answer to a probe, when there is one.
    pub fn answer(&self, probe: &Probe) -> Option<(&'v Exchange, &'v Reply)> {
        match self.seen(probe) {
            Seen::Answered(exchange, reply) => Some((exchange, reply)),
            Seen::Limited(..) | Seen::Failed(..) | Seen::Refused(_) | Seen::NotAsked => None,
        }
    }

    /// What came back to a probe whose bytes were written by hand. [`View::seen`] tells why there is nothing to hear.
    pub fn heard(&self, probe: &Probe) -> Option<(&'v Exchange, &'v Heard)> {
        let exchange = self.last.get(probe).and_then(|at| self.exchanges.get(*at))?;
        exchange.heard().map(|heard| (exchange, heard))
    }

    /// Every answered exchange, last attempts and earlier ones.
    pub fn answers(&self) -> impl Iterator<Item = (&'v Exchange, &'v Reply)> {
        self.exchanges
            .iter()
            .filter_map(|exchange| exchange.answer().map(|reply| (exchange, reply)))
    }

    /// Whether this is the last attempt at its probe.
    pub fn is_last(&self, exchange: &Exchange) -> bool {
        let last = self
            .last
            .get(&*exchange.probe)
            .and_then(|at| self.exchanges.get(*at));
        last.is_some_and(|last| last.attempt == exchange.attempt && last.id == exchange.id)
    }
}
