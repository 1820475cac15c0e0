//! What `greenlight doctor` finds out about the machine that asks: whether its verdicts can be believed.

use serde::{Deserialize, Serialize};

/// The schema of its JSON. It only grows.
pub const SCHEMA: &str = "greenlight.checkup/1";

/// How one part of the checker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Health {
    /// In order.
    Good,
    /// Not looked at, for a reason.
    Unknown,
    /// Odd; verdicts may be about something else than you think.
    Odd,
    /// Broken: verdicts cannot be believed.
    Broken,
}

/// One part of the checker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Part {
    /// Its name: `clock`, `names`, `proxy`.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// What was seen.
    pub seen: String,
    /// What to do, when something is to be done.
    pub next: Option<String>,
}

impl Part {
    /// A part that is in order.
    pub fn good(name: &str, seen: impl Into<String>) -> Part {
        Part::new(name, Health::Good, seen, None)
    }

    /// A part that was not looked at.
    pub fn unknown(name: &str, seen: impl Into<String>, next: &str) -> Part {
        Part::new(name, Health::Unknown, seen, Some(next))
    }

    /// A part that is odd.
    pub fn odd(name: &str, seen: impl Into<String>, next: &str) -> Part {
        Part::new(name, Health::Odd, seen, Some(next))
    }

    /// A part that is broken.
    pub fn broken(name: &str, seen: impl Into<String>, next: &str) -> Part {
        Part::new(name, Health::Broken, seen, Some(next))
    }

    fn new(name: &str, health: Health, seen: impl Into<String>, next: Option<&str>) -> Part {
        Part {
            name: name.to_owned(),
            health,
            seen: seen.into(),
            next: next.map(str::to_owned),
        }
    }
}

/// The whole checkup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checkup {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The parts, from the ground up.
    pub parts: Vec<Part>,
}

impl Checkup {
    /// How the worst part is.
    pub fn worst(&self) -> Health {
        self.parts
            .iter()
            .map(|part| part.health)
            .max()
            .unwrap_or(Health::Unknown)
    }
}
