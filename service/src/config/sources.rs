//! Where settings come from: variables of the environment, and a file that may be absent. What was written is kept with its
//! place, and every mistake is kept until all of them are known.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::SettingsError;

/// A setting as the file and the environment spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// In the file: table and key, joined by a dot. Absent for secrets, which no file may hold.
    pub file: Option<&'static str>,
    /// In the environment, the first one that is set.
    pub variables: &'static [&'static str],
    /// On the command line, where it may be typed.
    pub flag: Option<&'static str>,
    /// What it says, in a sentence or two.
    pub about: &'static str,
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This flag.
    Flag(&'static str),
    /// This variable of the environment.
    Variable(&'static str),
    /// The file, at this line and column, both from 1.
    File(String, usize, usize),
    /// Nowhere: it is as it is when nobody says anything.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
            Self::File(file, line, column) => write!(f, "{file}:{line}:{column}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text; the entries of a list are joined by commas.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// The text of a file, and what to call it.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// Its path, as the user gave it.
    pub name: &'f str,
    /// What it holds: TOML.
    pub text: &'f str,
}

/// What was written, and what is wrong with it so far.
pub struct Sources<'s> {
    variable: &'s dyn Fn(&str) -> Option<String>,
    file: Vec<(String, Written)>,
    mistakes: Vec<SettingsError>,
    used: Vec<(Key, Place)>,
}

impl<'s> Sources<'s> {
    /// Looks through the file for what is none of the known keys. A variable that is blank counts as absent.
    pub fn new(variable: &'s dyn Fn(&str) -> Option<String>, file: Option<File<'_>>, known: &[Key]) -> Self {
        let mut sources = Self {
            variable,
            file: Vec::new(),
            mistakes: Vec::new(),
            used: Vec::new(),
        };
        let Some(file) = file else {
            return sources;
        };
        let (table, errors) = DeTable::parse_recoverable(file.text);
        if errors.is_empty() {
            sources.flatten(file, "", table.get_ref(), known);
        }
        // What stands in a file that is no TOML is anybody's guess.
        sources
            .mistakes
            .extend(errors.iter().map(|error| SettingsError::File {
                place: place(file, error.span().map_or(0, |span| span.start)),
                why: error.message().to_owned(),
            }));
        sources
    }

    /// Every value of the file under its dotted key.
    fn flatten(&mut self, file: File<'_>, above: &str, table: &DeTable<'_>, known: &[Key]) {
        for (key, value) in table {
            let name = if above.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{above}.{}", key.get_ref())
            };
            let is_table = known.iter().filter_map(|key| key.file);
            let mut is_table = is_table.filter_map(|key| key.split_once('.'));
            match value.get_ref() {
                DeValue::Table(inner) if is_table.any(|(table, _)| table == name) => {
                    self.flatten(file, &name, inner, known);
                }
                _ if known.iter().any(|key| key.file == Some(&*name)) => self.keep(file, name, value),
                _ => self.mistakes.push(SettingsError::UnknownKey {
                    place: place(file, key.span().start),
                    hint: hint(&name, known),
                    key: name,
                }),
            }
        }
    }

    fn keep(&mut self, file: File<'_>, name: String, value: &Spanned<DeValue<'_>>) {
        let place = place(file, value.span().start);
        match text(value.get_ref()) {
            Some(text) => self.file.push((name, Written { text, place })),
            None => self.mistakes.push(SettingsError::Value {
                place,
                value: name,
                why: "write a text, a number, or a list of texts".to_owned(),
            }),
        }
    }

    /// A mistake that was found elsewhere.
    pub fn complain(&mut self, mistake: SettingsError) {
        self.mistakes.push(mistake);
    }

    /// What was written for a key: in the environment, else in the file. The caller says that it was used.
    #[must_use]
    pub fn written(&self, key: Key) -> Option<Written> {
        let of = |name: &&'static str| {
            let text = (self.variable)(name).filter(|text| !text.trim().is_empty())?;
            Some(Written {
                text,
                place: Place::Variable(name),
            })
        };
        let in_file = || {
            let found = self.file.iter().find(|(name, _)| Some(&**name) == key.file);
            found.map(|(_, written)| written.clone())
        };
        key.variables.iter().find_map(of).or_else(in_file)
    }

    /// Reads a key; what was typed as its flag wins. What cannot be read is a mistake, and counts as absent.
    pub fn read<T>(
        &mut self,
        key: Key,
        typed: Option<T>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if let Some(value) = typed {
            self.used.push((key, Place::Flag(key.flag.unwrap_or("a flag"))));
            return Some(value);
        }
        let Some(written) = self.written(key) else {
            self.used.push((key, Place::Default));
            return None;
        };
        self.used.push((key, written.place.clone()));
        match parse(written.text.trim()) {
            Ok(value) => Some(value),
            Err(why) => {
                self.mistakes.push(SettingsError::Value {
                    place: written.place,
                    value: written.text,
                    why,
                });
                None
            }
        }
    }

    /// Where every setting that was read came from, and every mistake.
    #[must_use]
    pub fn end(self) -> (Vec<(Key, Place)>, Vec<SettingsError>) {
        (self.used, self.mistakes)
    }
}

/// Line and column of a byte offset, after the file's name.
fn place(file: File<'_>, at: usize) -> Place {
    let (line, column) = position(file.text, at);
    Place::File(file.name.to_owned(), line, column)
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        // With its radix, 0x50 is no 50.
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Array(entries) => {
            let entries = entries.iter().map(|entry| entry.get_ref().as_str());
            Some(entries.collect::<Option<Vec<&str>>>()?.join(","))
        }
        _ => None,
    }
}

/// What every variable of ours begins with.
const OURS: &str = "ORCHESTRATE_";

/// What to say of each variable that is named like ours and is none. No mistake: whoever goes back to an older build has set what
/// that one does not know yet.
#[must_use]
pub fn strays(names: impl Iterator<Item = String>, known: &[&str]) -> Vec<String> {
    let mut strays: Vec<String> = names
        .filter(|name| name.starts_with(OURS) && !known.contains(&&**name))
        .map(|name| {
            let likeness = |known: &&&str| {
                let (known, name) = (known.trim_start_matches(OURS), name.trim_start_matches(OURS));
                (strsim::normalized_damerau_levenshtein(known, name) * 1_000.0) as u32
            };
            let near = known.iter().max_by_key(likeness);
            match near.filter(|near| likeness(near) > 700) {
                Some(near) => format!("{name} is no setting of this build; did you mean {near}?"),
                None => format!("{name} is no setting of this build, and changes nothing"),
            }
        })
        .collect();
    strays.sort();
    strays
}

/// What a key that nobody knows may have meant.
fn hint(name: &str, known: &[Key]) -> String {
    let last = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if ["secret", "key", "password", "token"]
        .iter()
        .any(|word| last.contains(word))
    {
        return "no file may hold a secret: set its variable (ORCHESTRATE_AUTH_SECRET, OPENAI_API_KEY)"
            .to_owned();
    }
    let names = known.iter().filter_map(|key| key.file);
    let near = names
        .clone()
        .map(|known| (strsim::jaro_winkler(known, name), known));
    let table = name.rsplit_once('.').map_or("", |(table, _)| table);
    match near.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((likeness, meant)) if likeness > 0.85 => format!("did you mean {meant}?"),
        _ if names.clone().any(|known| known.starts_with(&format!("{table}."))) => {
            let beside = names.filter_map(|known| known.strip_prefix(table)?.strip_prefix('.'));
            format!("[{table}] has {}", beside.collect::<Vec<_>>().join(", "))
        }
        _ => format!("known are {}", names.collect::<Vec<_>>().join(", ")),
    }
}
