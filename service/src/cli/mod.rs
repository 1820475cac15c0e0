//! The command line: arguments as typed, one file a command.
//!
//! Only this room reads the environment and writes to the terminal. What machines read goes to stdout, and
//! what people read to stderr.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::app::BuildError;
use crate::auth::caller::Scope;
use crate::config::read::Typed;
use crate::config::{Mistakes, Settings};
use crate::domain::data::database::Database;
use crate::storage;
use crate::storage::sqlite::Location;

pub mod config;
#[cfg(feature = "faults")]
pub mod faults;
pub mod keys;
pub mod log;
pub mod openapi;
pub mod probe;
pub mod serve;
pub mod token;

/// The reference service: words or a recording in, transcription and concepts out.
#[derive(Debug, Parser)]
#[command(name = "orchestrate", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API
    Serve(serve::Serve),
    /// Look at the configuration without serving
    #[command(subcommand)]
    Config(config::Config),
    /// Print a token that the service of the same configuration believes
    Token(token::Token),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Ask the service of the same configuration how it is; exit 1 unless the answer is a good one
    Probe(probe::Probe),
    /// Print the API's OpenAPI document
    Openapi(openapi::Openapi),
    /// List the faults that can be injected
    #[cfg(feature = "faults")]
    Faults,
}

/// Why a command failed. What it says is what the user reads.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings are refused.
    #[error(transparent)]
    Settings(#[from] Mistakes),
    /// The file of the configuration cannot be read.
    #[error(
        "the configuration file {path} cannot be read: {source}. Name another one with --config, or leave it out"
    )]
    File {
        /// As it was given.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The service cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No token can be made.
    #[error(transparent)]
    Mint(#[from] crate::auth::mint::MintError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] crate::storage::OpenError),
    /// The database did not do its work.
    #[error("{0}: nothing was changed")]
    Database(#[from] crate::domain::store::StoreError),
    /// No key can be made.
    #[error(transparent)]
    NoRandomness(#[from] crate::auth::key::NoRandomness),
    /// A session gives no tokens.
    #[error(transparent)]
    Session(#[from] crate::auth::session::SessionError),
    /// What is kept would be gone when the command ends.
    #[error(
        "the database is in memory, so no service would know of it. Name the service's database with \
         ORCHESTRATE_DATABASE, or leave --dev out"
    )]
    Memory,
    /// No key is called so.
    #[error("there is no such key: see `orchestrate keys list`")]
    NoSuchKey,
    /// More than one key is called so.
    #[error("several keys begin so: give more of it, or the id")]
    ManyKeys,
    /// Nobody can listen there.
    #[error("cannot listen on {address}: {source}. Is another service there already? Choose one with {flag}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// What chooses another one.
        flag: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// Spans cannot be exported.
    #[error(transparent)]
    Export(#[from] crate::telemetry::otlp::StartError),
    /// The service is not well, or not there.
    #[error("{url} {why}")]
    Unwell {
        /// What was asked.
        url: String,
        /// What came of it.
        why: String,
    },
    /// A second signal.
    #[error("stopped at once by a second signal: requests in flight were not answered")]
    Impatient,
    /// The operating system refused something else.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl CommandError {
    /// 2 for what the user can mend before anything runs, 1 for the rest.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_)
            | Self::File { .. }
            | Self::Build(BuildError::Settings(_))
            | Self::Memory
            | Self::NoSuchKey
            | Self::ManyKeys => 2,
            _ => 1,
        }
    }
}

/// How long a command waits for one answer of the database. Nobody's request waits with it.
const COMMAND_DEADLINE: Duration = Duration::from_secs(10);

/// Runs the command that was typed.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Serve(serve) => serve.run(),
        Command::Config(config) => config.run(),
        Command::Token(token) => token.run(),
        Command::Keys(keys) => keys.run(),
        Command::Probe(probe) => probe.run(),
        Command::Openapi(arguments) => openapi::run(&arguments),
        #[cfg(feature = "faults")]
        Command::Faults => faults::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// The settings of `serve`, and the database that they name, which a command shares with the service.
async fn kept(source: &config::Source) -> Result<(Settings, Arc<dyn Database>), CommandError> {
    let typed = Typed {
        dev: source.dev,
        ..Typed::default()
    };
    let settings = source.read(typed)?.legible()?.settings;
    if settings.database == Location::Memory.into() {
        return Err(CommandError::Memory);
    }
    let data = storage::open(&settings.database, COMMAND_DEADLINE).await?;
    Ok((settings, data))
}

/// Reads a duration such as `90s`, `60m`, `1h30m` or `90d`; a day has 24 hours.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a duration such as 90s, 60m or 90d".to_owned();
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.trim().parse::<u64>().ok());
    if let Some(days) = days {
        return days
            .checked_mul(24 * 3600)
            .map(Duration::from_secs)
            .ok_or_else(wrong);
    }
    let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| "nothing is good for less than no time".to_owned())
}

/// Reads the name of a scope.
fn scope(text: &str) -> Result<Scope, String> {
    let names = Scope::ALL.map(Scope::name).join(", ");
    text.parse().map_err(|()| format!("write one of {names}"))
}

/// A line for people. When nobody reads it any more, nothing is lost.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A variable of the process's environment.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
