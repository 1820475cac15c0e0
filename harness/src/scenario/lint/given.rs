//! The sources of a document, as far as they are at hand.

use crate::contract::load::Contract;
use crate::scenario::document::{Document, SourceKind};
use crate::scenario::lint::Read;

/// A source.
#[derive(Debug)]
pub enum Source {
    /// The contract of an API.
    Contract(Box<Contract>),
    /// Other workflows.
    Scenario(Box<Document>),
    /// It is on the network, where nothing is fetched from.
    Remote,
    /// It is a file that cannot be opened, for this reason.
    Missing(String),
    /// It is at hand, and not what it is said to be.
    Bad {
        /// Why.
        why: String,
        /// What to do.
        next: String,
    },
}

impl Source {
    /// Reads the text of a source. `name` is where it came from, for messages only.
    pub fn read(text: &str, name: &str, kind: Option<SourceKind>) -> Source {
        let scenario = match kind {
            Some(kind) => kind == SourceKind::Arazzo,
            None => text.trim_start().starts_with("arazzo") || text.trim_start().starts_with("{\"arazzo"),
        };
        if scenario {
            return match Read::of(text).document() {
                Some(document) => Source::Scenario(Box::new(document)),
                None => Source::Bad {
                    why: format!("{name} is no Arazzo document, or has errors of its own"),
                    next: format!("see `greenlight lint {name}`"),
                },
            };
        }
        match Contract::parse(text, name) {
            Ok(contract) => Source::Contract(Box::new(contract)),
            Err(error) => Source::Bad {
                why: format!(
                    "{} ({}{}): {}",
                    error.what, error.source_name, error.place, error.why
                ),
                next: error.next,
            },
        }
    }
}
