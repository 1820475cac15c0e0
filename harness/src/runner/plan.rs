//! What is asked, as jobs: equal asks are one job, and what becomes of an ask reaches everybody who asked. Pure.

use std::collections::HashMap;

use crate::model::exchange::{Asker, Exchange, Xid};
use crate::model::probe::{Ask, Effect, Probe};
use crate::model::refusal::Refusal;
use crate::runner::budget::Denied;

/// One ask with everybody who made it, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: Xid,
    pub(crate) askers: Vec<Asker>,
    pub(crate) ask: Ask,
}

/// When a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wave {
    /// At once: what cannot hurt.
    Harmless,
    /// After that: what writes.
    Writes,
    /// When nothing else is left: what costs money.
    Paid,
    /// Alone and last: bursts, and what strains the service.
    Last,
}

impl Job {
    /// When it runs.
    pub(crate) fn wave(&self) -> Wave {
        let worst = self.ask.probes().iter().map(|probe| probe.effect).max();
        match (&self.ask, worst.unwrap_or(Effect::Read)) {
            (Ask::Burst { .. }, _) | (_, Effect::Hostile) => Wave::Last,
            (_, Effect::Paid) => Wave::Paid,
            (_, Effect::Writes) => Wave::Writes,
            (_, Effect::Read | Effect::Inert) => Wave::Harmless,
        }
    }
}

/// Every probe of an ask, and how often it is sent.
pub(crate) fn sendings(ask: &Ask) -> Vec<(&Probe, u16)> {
    match ask {
        Ask::Burst { each, n, beside, .. } => {
            let beside = beside.as_deref().map(|probe| (probe, 1));
            std::iter::once((each, *n)).chain(beside).collect()
        }
        Ask::One(_) | Ask::Seq(_) => ask.probes().into_iter().map(|probe| (probe, 1)).collect(),
    }
}

/// What became of every ask so far.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    known: HashMap<Ask, Xid>,
    refused: HashMap<Xid, Vec<usize>>,
    next_id: u32,
}

impl Plan {
    /// The id of an ask, and whether it is asked for the first time. Ids follow the order of asking alone.
    pub(crate) fn name(&mut self, ask: &Ask) -> (Xid, bool) {
        if let Some(id) = self.known.get(ask) {
            return (*id, false);
        }
        let id = Xid(self.next_id);
        self.next_id += 1;
        self.known.insert(ask.clone(), id);
        (id, true)
    }

    /// Refuses probes of an ask: those that were not sent, each once.
    pub(crate) fn refuse(
        &mut self,
        id: Xid,
        askers: &[Asker],
        probes: &[&Probe],
        denied: &Denied,
        refused: &mut Vec<Refusal>,
    ) {
        for (at, probe) in probes.iter().enumerate() {
            if probes[..at].contains(probe) {
                continue;
            }
            self.refused.entry(id).or_default().push(refused.len());
            refused.push(Refusal {
                probe: (*probe).clone(),
                askers: askers.to_vec(),
                why: denied.why.clone(),
                reason: denied.reason.clone(),
                flag: denied.flag.clone(),
            });
        }
    }

    /// Adds one more who asked to whatever became of the ask.
    pub(crate) fn share<'j>(
        &self,
        id: Xid,
        asker: &Asker,
        jobs: impl Iterator<Item = &'j mut Job>,
        exchanges: &mut [Exchange],
        refused: &mut [Refusal],
    ) {
        for job in jobs.filter(|job| job.id == id) {
            add(&mut job.askers, asker);
        }
        for exchange in exchanges.iter_mut().filter(|exchange| exchange.id == id) {
            add(&mut exchange.askers, asker);
        }
        for at in self.refused.get(&id).into_iter().flatten() {
            if let Some(refusal) = refused.get_mut(*at) {
                add(&mut refusal.askers, asker);
            }
        }
    }
}

fn add(askers: &mut Vec<Asker>, asker: &Asker) {
    if let Err(at) = askers.binary_search(asker) {
        askers.insert(at, asker.clone());
    }
}
