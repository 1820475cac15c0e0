//! `orchestrate faults`: what `serve --fault` can inject.

use std::io::Write;

use crate::cli::CommandError;
use crate::faults::id::FaultId;

/// Prints every fault with its sentence.
///
/// # Errors
/// When stdout is closed.
pub fn run() -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    let width = FaultId::ALL
        .iter()
        .map(|fault| fault.id().len())
        .max()
        .unwrap_or_default();
    for fault in FaultId::ALL {
        writeln!(out, "{:width$}  {}", fault.id(), fault.sentence())?;
    }
    Ok(())
}
