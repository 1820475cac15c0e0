//! `greenlight lab`: the kill matrix, printed.

use std::time::Instant;

use crate::cli::args::LabArgs;
use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::lab::matrix::{self, Row};
use crate::model::exit;
use crate::report::format::{self, Format};

/// Runs the lab. Exit 1 when a fault is missed or misnamed, or a look-alike flagged.
pub async fn lab(arguments: &LabArgs, screen: &Screen) -> Result<u8, Complaint> {
    let begun = Instant::now();
    let rows = matrix::run(arguments.only.as_deref().unwrap_or_default()).await;
    if rows.is_empty() {
        return Err(Complaint::usage(
            format_args!(
                "no fault or look-alike has `{}` in its id",
                arguments.only.as_deref().unwrap_or_default()
            ),
            "nothing would be run, and nothing run is no success",
            "`greenlight lab` alone runs them all",
        ));
    }
    if arguments.verbose {
        for run in rows.iter().filter_map(|row| row.run.as_ref()) {
            screen.say(true, &format::render(Format::Human, run, screen.style(false)));
            screen.say(true, "\n");
        }
    }
    screen.say(true, &table(&rows, begun.elapsed().as_secs_f64()));
    let good = rows.iter().all(|row| row.wrong.is_empty());
    Ok(if good { exit::PASS } else { exit::FAIL })
}

/// The matrix as text.
fn table(rows: &[Row], seconds: f64) -> String {
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let causes = rows
        .iter()
        .filter_map(|row| row.causes.first())
        .map(String::len)
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (is_fault, heading) in [(true, "Faults"), (false, "Healthy look-alikes")] {
        let some: Vec<&Row> = rows.iter().filter(|row| row.is_fault == is_fault).collect();
        if some.is_empty() {
            continue;
        }
        text.push_str(&format!("{heading}\n"));
        for row in some {
            text.push_str(&line(row, width, causes));
        }
        text.push('\n');
    }
    let count = |is_fault: bool| rows.iter().filter(|row| row.is_fault == is_fault).count();
    let good = |is_fault: bool| {
        rows.iter()
            .filter(|row| row.is_fault == is_fault && row.wrong.is_empty())
            .count()
    };
    text.push_str(&format!(
        "{} of {} faults killed and named, {} of {} look-alikes spared, {seconds:.1} s\n",
        good(true),
        count(true),
        good(false),
        count(false),
    ));
    text
}

fn line(row: &Row, width: usize, causes: usize) -> String {
    let mark = match (row.wrong.is_empty(), row.is_fault) {
        (true, true) => "killed",
        (true, false) => "spared",
        (false, true) => "MISSED",
        (false, false) => "FLAGGED",
    };
    let cause = row.causes.first().map(String::as_str).unwrap_or("-");
    let found = if row.is_fault {
        format!("{cause:causes$}  {}", row.found.join(" "))
    } else {
        row.sentence.clone()
    };
    let mut text = format!("  {mark:7}  {:width$}  {found}\n", row.id);
    for wrong in &row.wrong {
        text.push_str(&format!("{:11}{:width$}  {wrong}\n", "", ""));
    }
    text
}
