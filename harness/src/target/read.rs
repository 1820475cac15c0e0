//! Reading a profile: one text in, a profile or everything that is wrong with it out.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::target::check;
use crate::target::explain::explain;
use crate::target::fault::Fault;
use crate::target::mask::{holds_a_secret, names_a_credential};
use crate::target::place::{Index, prune, spoken};
use crate::target::problem::{MOST, ProfileError};
use crate::target::profile::Document;
use crate::target::words::Variable;

/// The longest profile that is read, in bytes. Nobody writes more by hand.
pub const LONGEST: usize = 1 << 20;

/// How often a broken profile is read again. Each round takes out one entry, and some are no fault of
/// their own; the bound keeps a hostile text from costing more than its length.
const ROUNDS: usize = 3 * MOST;

/// The text of a profile, and where everything stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, as it was named.
    pub file: String,
    /// The text.
    text: String,
    /// Where everything stands.
    pub index: Index,
}

impl Source {
    /// The line of this entry, counted from 1, when the text has it.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let spans = self.index.has(pointer).then(|| self.index.find(pointer))??;
        Some(self.text[..spans.key.start].matches('\n').count() + 1)
    }

    /// These faults, each at the place of its pointer.
    pub fn error(&self, faults: Vec<(String, Fault)>) -> ProfileError {
        let mut hidden = Vec::new();
        let placed = faults.into_iter().map(|(pointer, fault)| {
            let span = self
                .index
                .find(&pointer)
                .map_or(0..0, |spans| spans.value.clone());
            if fault.secret {
                hidden.push(span.clone());
            }
            (span, fault)
        });
        let placed = placed.collect();
        ProfileError::new(&self.file, &self.text, placed, &hidden)
    }
}

/// A profile and the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What it says.
    pub document: Document,
    /// The texts it came from; a merged profile has several, the last one first.
    pub sources: Vec<Arc<Source>>,
}

impl Profile {
    /// The file and line that an entry came from, such as `/service/health`.
    pub fn place(&self, pointer: &str) -> Option<(&str, usize)> {
        self.sources
            .iter()
            .find_map(|source| Some((source.file.as_str(), source.line(pointer)?)))
    }
}

/// Reads the profile that stands in `file`. Nothing is opened: files that it names are checked by
/// [`check::files`](crate::target::check::files).
pub fn read(file: &str, text: &str) -> Result<Profile, ProfileError> {
    if text.len() > LONGEST {
        let fault = Fault::new("this profile is longer than 1 MiB", "", "is this the right file?");
        return Err(ProfileError::new(file, "", vec![(0..0, fault)], &[]));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let index = Index::of(table.get_ref());
    let mut reading = Reading {
        index: &index,
        faults: Vec::new(),
        hidden: Vec::new(),
    };
    reading.secrets(table.get_ref());
    if !errors.is_empty() {
        let faults = errors
            .iter()
            .map(|error| (error.span().unwrap_or(0..0), syntax(error.message())));
        return Err(ProfileError::new(file, text, faults.collect(), &reading.hidden));
    }
    let document = reading.document(table);
    let Reading { faults, hidden, .. } = reading;
    let source = Source {
        file: file.to_owned(),
        text: text.to_owned(),
        index,
    };
    match document {
        Some(document) if faults.is_empty() => {
            let faults = check::check(&document);
            match faults.is_empty() {
                true => Ok(Profile {
                    document,
                    sources: vec![Arc::new(source)],
                }),
                false => Err(source.error(faults)),
            }
        }
        _ => Err(ProfileError::new(file, text, faults, &hidden)),
    }
}

fn syntax(message: &str) -> Fault {
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let why = if wanted.is_empty() {
        String::new()
    } else {
        format!("expected {wanted}")
    };
    Fault::new(
        format!("this is not TOML: {what}"),
        why,
        "see https://toml.io/en/v1.1.0",
    )
}

/// A reading under way: serde stops at the first fault, so what it stopped at is taken out and it reads again.
struct Reading<'a> {
    index: &'a Index,
    faults: Vec<(Range<usize>, Fault)>,
    hidden: Vec<Range<usize>>,
}

impl Reading<'_> {
    /// Finds texts shaped like credentials, wherever they stand.
    fn secrets(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let misused = |text: &str| key.get_ref().ends_with("_env") && Variable::parse(text).is_err();
            if value
                .get_ref()
                .as_str()
                .is_some_and(|text| names_a_credential(key.get_ref()) || misused(text))
            {
                self.hidden.push(value.span());
            }
            self.secrets_in(value);
        }
    }

    fn secrets_in(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.secrets(table),
            DeValue::Array(items) => items.iter().for_each(|item| self.secrets_in(item)),
            DeValue::String(text) if holds_a_secret(text) => {
                let why = "a profile names variables and holds no secret";
                let next =
                    "revoke it if it was ever shared, export the new one as a variable, and write its name";
                self.faults.push((
                    value.span(),
                    Fault::new("this looks like a credential", why, next),
                ));
                self.hidden.push(value.span());
            }
            _ => {}
        }
    }

    /// The document, or `None` after noting what is wrong with it.
    fn document(&mut self, mut table: Spanned<DeTable<'_>>) -> Option<Document> {
        let mut wounded = BTreeSet::new();
        for _ in 0..ROUNDS {
            let deserializer = toml::de::Deserializer::from(table.clone());
            let error = match Document::deserialize(deserializer) {
                Ok(document) => return Some(document),
                Err(error) => error,
            };
            let Some(span) = error.span() else {
                self.faults.push((0..0, explain(error.message(), "this profile")));
                return None;
            };
            let entry = self
                .index
                .at(&span)
                .map_or("this table".to_owned(), |at| format!("`{}`", spoken(at)));
            let fault = explain(error.message(), &entry);
            // What is missing after we took it out ourselves is no second fault.
            let follows =
                error.message().starts_with("missing field") && wounded.contains(&(span.start, span.end));
            let pruned = prune(table.get_mut(), &span, None);
            if let Some(pruned) = &pruned {
                wounded.extend(pruned.parent.iter().map(|parent| (parent.start, parent.end)));
                self.hidden.extend(fault.secret.then(|| pruned.value.clone()));
            }
            if !follows {
                self.faults.push((span, fault));
            }
            pruned?;
        }
        None
    }
}
