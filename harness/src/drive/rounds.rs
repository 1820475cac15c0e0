//! Checks asking in rounds: each is asked what it wants given what was seen, until none wants anything new. A check whose
//! needs have not passed is not asked.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::check::Check;
use crate::check::driver::{Asked, Driver, News, Next};
use crate::check::judgement::Judgement;
use crate::check::served;
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::model::exchange::{Asker, Exchange};
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::probe::Ask;
use crate::model::refusal::Refusal;
use crate::model::target::Target;

/// More rounds than this are a bug of a check that never has enough.
const MOST_ROUNDS: usize = 12;

/// Drives a set of checks.
pub struct Rounds<'c> {
    target: &'c Target,
    pinned: Option<&'c Contract>,
    served: Option<Contract>,
    checks: Vec<&'static dyn Check>,
    exchanges: Vec<Exchange>,
    refused: Vec<Refusal>,
    asked: HashSet<(Asker, Ask)>,
    rounds: usize,
}

impl<'c> Rounds<'c> {
    /// A driver for these checks. Without a pinned contract the served one is used as soon as it is seen.
    pub fn new(
        target: &'c Target,
        pinned: Option<&'c Contract>,
        checks: Vec<&'static dyn Check>,
    ) -> Rounds<'c> {
        Rounds {
            target,
            pinned,
            served: None,
            checks,
            exchanges: Vec::new(),
            refused: Vec::new(),
            asked: HashSet::new(),
            rounds: 0,
        }
    }

    fn view(&self) -> View<'_> {
        let contract = self.pinned.or(self.served.as_ref());
        View::new(self.target, contract, &self.exchanges, &self.refused)
    }

    /// Takes what is new, and the served contract from it.
    fn note(&mut self, news: News<'_>) {
        self.exchanges.extend_from_slice(news.exchanges);
        self.refused.extend_from_slice(news.refused);
        if self.pinned.is_none() && self.served.is_none() {
            self.served = served::contract(self.target, news.exchanges);
        }
    }

    /// Asks of this round that were not made before.
    fn fresh(&self) -> Vec<Asked> {
        let view = self.view();
        let ready = self
            .checks
            .iter()
            .filter(|check| self.needs_passed(**check, &view));
        let asks = ready.flat_map(|check| asked(*check, check.ask(&view)));
        asks.filter(|asked| !self.asked.contains(&(asked.asker.clone(), asked.ask.clone())))
            .collect()
    }

    /// Whether everything that a check needs has been seen and is not wrong.
    fn needs_passed(&self, check: &dyn Check, view: &View<'_>) -> bool {
        let needed = |id: &&str| self.checks.iter().find(|other| other.spec().id == *id);
        check
            .spec()
            .needs
            .iter()
            .filter_map(needed)
            .all(|other| match other.judge(view) {
                Judgement::Judged { findings, .. } => !findings.iter().any(stands_in_the_way),
                Judgement::NotApplicable(_) => true,
                Judgement::Unable(_) => false,
            })
    }
}

/// What a check asks for, under its name.
fn asked(check: &dyn Check, asks: Vec<Ask>) -> impl Iterator<Item = Asked> {
    let asker = Asker(check.spec().id.to_owned());
    asks.into_iter().map(move |ask| Asked {
        asker: asker.clone(),
        ask,
    })
}

/// Whether a finding keeps dependents from being asked: the same that keeps them from being judged.
fn stands_in_the_way(finding: &Finding) -> bool {
    finding.severity >= Severity::Major && finding.outcome >= Verdict::Inconclusive
}

impl Driver for Rounds<'_> {
    fn next(&mut self, news: News<'_>, _now: Timestamp) -> Next {
        self.note(news);
        self.rounds += 1;
        let fresh = if self.rounds > MOST_ROUNDS {
            Vec::new()
        } else {
            self.fresh()
        };
        if fresh.is_empty() {
            return Next::Done;
        }
        self.asked
            .extend(fresh.iter().map(|asked| (asked.asker.clone(), asked.ask.clone())));
        Next::Ask(fresh)
    }

    fn last(&mut self, news: News<'_>) -> Vec<Asked> {
        self.note(news);
        let view = self.view();
        let checks = self.checks.iter();
        checks
            .flat_map(|check| asked(*check, check.last(&view)))
            .collect()
    }
}
