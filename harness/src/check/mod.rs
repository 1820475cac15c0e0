//! What a check, a rule and a driver are. Pure: no I/O, no clock, no randomness, so every verdict has a unit test
//! without a network and an old recording can be judged with today's checks.

pub mod asks;
pub mod beside;
pub mod build;
pub mod cached;
pub mod created;
pub mod driver;
pub mod edge;
pub mod health;
pub mod inputs;
pub mod judgement;
pub mod keeping;
pub mod names;
pub mod never;
pub mod once;
pub mod pages;
pub mod queries;
pub mod replicas;
pub mod served;
pub mod spec;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod tone;
pub mod traces;
pub mod transcript;
#[cfg(test)]
pub(crate) mod trial;
pub mod view;
pub mod ways;
pub mod web;
pub mod wire;
pub mod word_errors;

use crate::check::judgement::Judgement;
use crate::check::spec::Spec;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;
use crate::model::probe::Ask;

/// Judges the recording as a whole, on probes that it asked for itself.
pub trait Check: Sync {
    /// What it is. Lists, documentation and reports derive from it.
    fn spec(&self) -> &'static Spec;

    /// Everything it wants to have asked, given what was seen so far. It is called again whenever there is news, and
    /// names earlier asks again: equal probes are sent once.
    fn ask(&self, view: &View<'_>) -> Vec<Ask>;

    /// What it wants to have asked once nobody wants anything more, the run was stopped or its time is over: to leave things as
    /// they were.
    fn last(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    /// What it makes of what was seen.
    fn judge(&self, view: &View<'_>) -> Judgement;
}

/// Judges every exchange that anything caused.
pub trait Rule: Sync {
    /// What it is.
    fn spec(&self) -> &'static Spec;

    /// What it says of this exchange; `None` when the exchange is none of its business.
    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>>;
}
