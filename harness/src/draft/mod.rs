//! First scenarios: from calls that somebody made, or from operations that a contract names.
//!
//! What is written here is run, so it is complete, and it lints clean: credentials become inputs, what an earlier answer gave is
//! taken from there, and each step says what success is. Where no contract is known, one is drafted that says what the calls say.
//! Pure: text out, no file read. Nothing of a secret may stand in a draft.

mod answers;
mod bodies;
mod calls;
mod credentials;
pub mod document;
mod drafted;
mod maker;
mod operations;
mod secret;
mod written;

#[cfg(test)]
mod tests;

pub use calls::of_calls;
pub use operations::of_operations;

use crate::contract::load::Contract;

/// What a draft is made with.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'s> {
    /// The scenario's title.
    pub title: &'s str,
    /// The contract that the calls are of; without one, one is drafted.
    pub contract: Option<&'s Contract>,
    /// Where the contract lies, as seen from the scenario.
    pub source: &'s str,
    /// The folder of the scenario, as seen from where files are named: what leads back stands before their paths.
    pub back: &'s str,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The scenario, as YAML.
    pub scenario: String,
    /// The contract, when it was drafted too.
    pub contract: Option<String>,
    /// How many steps it has.
    pub steps: usize,
    /// The inputs that have no value, which must be given: their names.
    pub needs: Vec<String>,
    /// Where the calls went, where that is not for the contract to say.
    pub server: Option<String>,
    /// What somebody should know, a line each.
    pub notes: Vec<String>,
}

/// Why there is no draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct NoDraft {
    /// What is wrong.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub next: String,
}
