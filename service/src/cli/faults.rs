//! `orchestrate faults`: what `serve --fault` can inject.

use std::io::{ErrorKind, Write};

use crate::cli::CommandError;
use crate::faults::id::FaultId;
use crate::faults::look_alike::LookAlike;

/// Prints every fault and every look-alike, with its sentence.
///
/// # Errors
/// When stdout is closed.
pub fn run() -> Result<(), CommandError> {
    let faults = FaultId::ALL.iter().map(|fault| (fault.id(), fault.sentence()));
    let look_alikes = LookAlike::ALL
        .iter()
        .map(|look_alike| (look_alike.id(), look_alike.sentence()));
    let printed = print("faults (--fault ID)", faults.collect())
        .and_then(|()| print("healthy look-alikes (--look-alike ID)", look_alikes.collect()));
    match printed {
        // A reader that has seen enough, such as `head`, closes the pipe.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

fn print(title: &str, rows: Vec<(&str, &str)>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let width = rows.iter().map(|(id, _)| id.len()).max().unwrap_or_default();
    writeln!(out, "{title}")?;
    for (id, sentence) in rows {
        writeln!(out, "  {id:width$}  {sentence}")?;
    }
    Ok(())
}
