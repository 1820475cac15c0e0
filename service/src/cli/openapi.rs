//! `orchestrate openapi`: the document that `contracts/orchestrate.openapi.yaml` holds.

use std::io::Write;

use clap::{Args, ValueEnum};

use crate::cli::CommandError;
use crate::http::document;

/// Prints the document.
#[derive(Debug, Args)]
pub struct Openapi {
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
}

/// How a document is written. Both are served, and say the same.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// As it is committed
    Yaml,
    /// For tools that read nothing else
    Json,
}

/// Prints the document.
///
/// # Errors
/// When stdout is closed.
pub fn run(arguments: &Openapi) -> Result<(), CommandError> {
    let document = match arguments.format {
        Format::Yaml => document::yaml(),
        Format::Json => document::json(),
    };
    writeln!(std::io::stdout(), "{}", document.trim_end())?;
    Ok(())
}
