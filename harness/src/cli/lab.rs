//! `greenlight lab`: the kill matrix, printed.

use std::time::Instant;

use crate::cli::args::LabArgs;
use crate::cli::complaint::Complaint;
use crate::cli::output::{self, Screen};
use crate::lab::matrix;
use crate::model::exit;
use crate::report::human;
use crate::report::matrix as report;

/// Runs the lab. Exit 1 when a fault is missed or misnamed, or a look-alike flagged.
pub async fn lab(arguments: &LabArgs, screen: &Screen) -> Result<u8, Complaint> {
    if let Some(path) = &arguments.output {
        output::writable(path)?;
    }
    let begun = Instant::now();
    let only = arguments.only.as_deref().unwrap_or_default();
    let ran = matrix::run(only).await;
    if ran.is_empty() {
        return Err(Complaint::usage(
            format_args!("no fault or look-alike has `{only}` in its id"),
            "nothing would be run, and nothing run is no success",
            "`greenlight lab` alone runs them all",
        ));
    }
    if arguments.verbose {
        for run in ran.iter().filter_map(|ran| ran.run.as_ref()) {
            screen.print(&human::render(run, screen.style(false)))?;
            screen.print("\n")?;
        }
    }
    let matrix = matrix::matrix(&ran);
    let text = report::render(&matrix, arguments.format);
    match &arguments.output {
        Some(path) => output::write(path, &text)?,
        None => screen.print(&text)?,
    }
    screen.say(&format!(
        "{} runs in {:.1} s\n",
        ran.len(),
        begun.elapsed().as_secs_f64()
    ));
    Ok(if matrix.holds() { exit::PASS } else { exit::FAIL })
}
