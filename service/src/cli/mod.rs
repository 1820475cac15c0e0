//! The command line: arguments as typed, one file a command.
//!
//! Only this room reads the environment and writes to the terminal. What machines read goes to stdout, and
//! what people read to stderr.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::BuildError;
use crate::config::Mistakes;

pub mod config;
#[cfg(feature = "faults")]
pub mod faults;
pub mod log;
pub mod openapi;
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
    /// Print the API's OpenAPI document
    Openapi,
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
            Self::Settings(_) | Self::File { .. } | Self::Build(BuildError::Settings(_)) => 2,
            _ => 1,
        }
    }
}

/// Runs the command that was typed.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Serve(serve) => serve.run(),
        Command::Config(config) => config.run(),
        Command::Token(token) => token.run(),
        Command::Openapi => openapi::run(),
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

/// A line for people. When nobody reads it any more, nothing is lost.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A variable of the process's environment.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
