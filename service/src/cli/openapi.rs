//! `orchestrate openapi`: the document that `contracts/orchestrate.openapi.json` holds.

use std::io::Write;

use crate::cli::CommandError;
use crate::http::api;

/// Prints the document.
///
/// # Errors
/// When stdout is closed.
pub fn run() -> Result<(), CommandError> {
    writeln!(std::io::stdout(), "{}", api::document())?;
    Ok(())
}
