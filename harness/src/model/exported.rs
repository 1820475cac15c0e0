//! What a browser's developer tools exported, when a recording was made of that and nothing was sent.

use serde::{Deserialize, Serialize};

/// An export, as far as it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exported {
    /// What wrote it, for people.
    pub by: String,
    /// How many of its requests were judged.
    pub judged: u32,
    /// What it does not hold, or was not judged: each one sentence, what matters most first.
    pub absent: Vec<String>,
}
