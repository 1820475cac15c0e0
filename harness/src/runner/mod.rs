//! Executing drivers and judging what they saw.
//!
//! Budget, deadlines, attempts and order are decided here, in one place each; judging is pure and works on a recording
//! alone, so that `replay` is the second half of `verify`.

pub mod budget;
pub(crate) mod curl;
pub mod evidence;
pub mod execute;
pub mod hook;
pub(crate) mod journey;
pub mod judge;
pub(crate) mod ledger;
pub(crate) mod log;
pub(crate) mod pace;
pub mod page;
pub(crate) mod patience;
pub(crate) mod plan;
pub mod prove;
pub(crate) mod reading;
pub mod rollback;
pub(crate) mod send;
pub mod spawn;
pub(crate) mod waive;
pub(crate) mod wake;
