//! `orchestrate keys`: making, listing and revoking API keys, in the database of the service's configuration. A service that
//! runs on it takes a key at once, and refuses a revoked one at once.
//!
//! A key is printed when it is made and never again: only its hash is kept.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use crate::auth::caller::{Scope, Scopes};
use crate::auth::key::{self, KeyError, KeyRequest};
use crate::cli::config::Source;
use crate::cli::{CommandError, duration, kept, say, scope};
use crate::domain::data::keys::{KeyRecord, Keys as KeptKeys};

/// The longest name or subject of a key, in characters.
const MAX_NAME: usize = 200;

/// The fewest characters by which a key may be revoked that are not its whole id.
const LEAST_OF_PREFIX: usize = 6;

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make one: the key alone goes to stdout, once
    Make(Make),
    /// List all of them, oldest first, without the keys
    List(List),
    /// Revoke one: from now on it is refused
    Revoke(Revoke),
}

/// Which key is wanted.
#[derive(Debug, Args)]
pub struct Make {
    /// What you call it
    #[arg(long, value_parser = plain)]
    name: String,
    /// On whose behalf it calls
    #[arg(long, value_parser = plain)]
    subject: String,
    /// What it may be used for (repeatable); all but `categories:write` when none is named
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    scopes: Vec<Scope>,
    /// For how long it is good, such as 90d; until it is revoked when absent
    #[arg(long, value_parser = duration)]
    ttl: Option<Duration>,
    #[command(flatten)]
    source: Source,
}

/// How to list them.
#[derive(Debug, Args)]
pub struct List {
    /// For people or for machines
    #[arg(long, value_enum, default_value = "table")]
    format: ListFormat,
    #[command(flatten)]
    source: Source,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// Aligned columns.
    Table,
    /// One JSON array.
    Json,
}

/// Which key to revoke.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Its id, its first letters as `keys list` shows them, or the key itself
    #[arg(value_name = "ID|PREFIX")]
    which: String,
    #[command(flatten)]
    source: Source,
}

impl Keys {
    /// Does it.
    ///
    /// # Errors
    /// When the configuration or the database is refused, or no such key is there.
    pub fn run(self) -> Result<(), CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            match self {
                Self::Make(make) => make.run().await,
                Self::List(list) => list.run().await,
                Self::Revoke(revoke) => revoke.run().await,
            }
        })
    }
}

impl Make {
    async fn run(self) -> Result<(), CommandError> {
        let data = keys(&self.source).await?;
        let scopes = if self.scopes.is_empty() {
            Scopes::usual()
        } else {
            Scopes::of(self.scopes)
        };
        let request = KeyRequest {
            name: self.name,
            subject: self.subject,
            scopes,
            ttl: self.ttl,
        };
        let (key, record) = key::make(request, Timestamp::now())?;
        data.add(&record).await?;
        say(&format!(
            "made {} for {}: {}. This is the only time that the key is shown",
            record.id,
            record.subject,
            record.scopes.join(" ")
        ));
        writeln!(std::io::stdout(), "{}", key.expose())?;
        Ok(())
    }
}

impl List {
    async fn run(self) -> Result<(), CommandError> {
        let data = keys(&self.source).await?;
        let (keys, now) = (data.all().await?, Timestamp::now());
        let mut out = std::io::stdout();
        match self.format {
            ListFormat::Json => {
                let keys: Vec<_> = keys.iter().map(|key| described(key, now)).collect();
                writeln!(out, "{:#}", json!(keys))?;
            }
            ListFormat::Table => write!(out, "{}", table(&keys, now))?,
        }
        Ok(())
    }
}

impl Revoke {
    async fn run(self) -> Result<(), CommandError> {
        let data = keys(&self.source).await?;
        let key = self.find(&data).await?;
        if data.revoke(&key.id, Timestamp::now()).await? {
            say(&format!("revoked {} ({}), of {}", key.id, key.name, key.subject));
        } else {
            say(&format!("{} ({}) was revoked before", key.id, key.name));
        }
        Ok(())
    }

    async fn find(&self, data: &Arc<dyn KeptKeys>) -> Result<KeyRecord, CommandError> {
        if key::could_be(&self.which) {
            let found = data.by_hash(&key::fingerprint(&self.which)).await?;
            return found.ok_or(CommandError::NoSuchKey);
        }
        let long_enough = self.which.len() >= LEAST_OF_PREFIX;
        let meant =
            |key: &KeyRecord| key.id == self.which || (long_enough && key.prefix.starts_with(&self.which));
        let mut found = data.all().await?.into_iter().filter(meant);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(CommandError::ManyKeys),
            (None, _) => Err(CommandError::NoSuchKey),
        }
    }
}

async fn keys(source: &Source) -> Result<Arc<dyn KeptKeys>, CommandError> {
    let (_, data) = kept(source).await?;
    Ok(data)
}

/// Good, or why not.
fn state(key: &KeyRecord, now: Timestamp) -> &'static str {
    match key::judge(key, now) {
        Ok(_) => "good",
        Err(KeyError::Revoked) => "revoked",
        Err(KeyError::Expired) => "expired",
        Err(KeyError::Unknown) => "unknown",
    }
}

fn described(key: &KeyRecord, now: Timestamp) -> serde_json::Value {
    json!({
        "id": key.id,
        "name": key.name,
        "subject": key.subject,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "state": state(key, now),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    })
}

/// Aligned columns under their names.
fn table(keys: &[KeyRecord], now: Timestamp) -> String {
    let at = |time: Option<Timestamp>, never: &str| {
        time.map_or_else(
            || never.to_owned(),
            |time| time.strftime("%Y-%m-%d %H:%MZ").to_string(),
        )
    };
    let names = [
        "ID",
        "KEY",
        "STATE",
        "NAME",
        "SUBJECT",
        "CREATED",
        "EXPIRES",
        "LAST USED",
        "SCOPES",
    ];
    let mut rows = vec![names.map(str::to_owned)];
    rows.extend(keys.iter().map(|key| {
        [
            key.id.clone(),
            format!("{}…", key.prefix),
            state(key, now).to_owned(),
            key.name.clone(),
            key.subject.clone(),
            at(Some(key.created_at), ""),
            at(key.expires_at, "never"),
            at(key.last_used_at, "never"),
            key.scopes.join(" "),
        ]
    }));
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let line = |row: &[String; 9]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// A name that a list can show as it is.
fn plain(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) || text.chars().count() > MAX_NAME {
        return Err(format!(
            "write 1 to {MAX_NAME} characters, none of which controls a terminal"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, ttl: Option<Duration>) -> KeyRecord {
        let request = KeyRequest {
            name: name.to_owned(),
            subject: "ana".to_owned(),
            scopes: Scopes::of([Scope::Orchestrate, Scope::UsageRead]),
            ttl,
        };
        let (_, mut record) = key::make(request, Timestamp::UNIX_EPOCH).unwrap();
        record.id = format!("id-of-{name}");
        record.prefix = "ok_AbCdEfG".to_owned();
        record
    }

    #[test]
    fn a_list_is_aligned_and_says_what_has_become_of_each() {
        let mut revoked = key("laptop", None);
        revoked.revoked_at = Some(Timestamp::UNIX_EPOCH);
        revoked.last_used_at = Some(Timestamp::UNIX_EPOCH);
        let keys = [
            key("nightly import", None),
            key("ci", Some(Duration::from_secs(60))),
            revoked,
        ];
        let now = Timestamp::from_second(3600).unwrap();
        insta::assert_snapshot!(table(&keys, now));
    }

    #[test]
    fn a_name_that_would_control_a_terminal_is_refused() {
        assert!(plain("nightly import").is_ok());
        for name in ["", " ", "a\u{1b}[2J", "a\nb", &"x".repeat(201)] {
            assert!(plain(name).is_err(), "{name:?}");
        }
    }
}
