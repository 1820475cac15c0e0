//! The one place that writes: reports to standard output or files, everything else to standard error.

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::Path;

use crate::cli::args::{ReportArgs, Sink};
use crate::cli::complaint::Complaint;
use crate::model::run::Run;
use crate::report::format::{self, Format};
use crate::report::human::page::Style;

/// What the terminal can do.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Whether colours are wanted on standard output.
    pub color: bool,
    /// Whether standard error is a terminal that somebody watches.
    pub watched: bool,
    /// Columns.
    pub width: usize,
}

impl Screen {
    /// The screen of this process: colours only on a terminal, and never with `NO_COLOR` (no-color.org) or in CI.
    pub fn of_this_process() -> Screen {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let quiet = set("CI");
        let width = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        Screen {
            color: std::io::stdout().is_terminal() && !set("NO_COLOR"),
            watched: std::io::stderr().is_terminal() && !quiet,
            width: width.unwrap_or(100).clamp(60, 200),
        }
    }

    /// Writes to standard output, or to standard error. A closed pipe is the reader's decision, not an error.
    pub fn say(&self, to_stdout: bool, text: &str) {
        let done = if to_stdout {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        } else {
            std::io::stderr().lock().write_all(text.as_bytes())
        };
        drop(done);
    }

    /// The style of a human report.
    pub fn style(&self, verbose: bool) -> Style {
        Style {
            color: self.color,
            width: self.width,
            verbose,
        }
    }
}

/// Refuses reports and a recording that could not be written where they were asked for, before anything is sent.
pub fn check(arguments: &ReportArgs, record: Option<&Path>) -> Result<(), Complaint> {
    let mut taken: Vec<&Path> = Vec::new();
    let sinks = arguments.format.iter().filter_map(|sink| sink.path.as_deref());
    for path in sinks.chain(record) {
        if taken.contains(&path) {
            return Err(Complaint::usage(
                format_args!("{} would be written twice", path.display()),
                "one file holds one report or one recording",
                "name another file for one of them",
            ));
        }
        taken.push(path);
        writable(path)?;
    }
    let machines = |sink: &&Sink| sink.path.is_none() && sink.format != Format::Human;
    if arguments.format.iter().filter(machines).count() > 1 {
        return Err(Complaint::usage(
            "two machine formats would be written to standard output",
            "no machine could tell where one ends and the other begins",
            "give all but one a file: --format NAME=PATH",
        ));
    }
    Ok(())
}

/// Refuses a file that could not be written.
pub fn writable(path: &Path) -> Result<(), Complaint> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let why = if path.is_dir() {
        "it is a directory"
    } else if !parent.is_dir() {
        "its directory does not exist"
    } else {
        return Ok(());
    };
    let what = format!("{} cannot be written", path.display());
    Err(Complaint::usage(
        what,
        why,
        "name a file in a directory that exists",
    ))
}

/// Writes a finished run in every format that was asked for. Human text goes to standard error when a machine reads
/// standard output.
pub fn report(run: &Run, arguments: &ReportArgs, screen: &Screen) -> Result<(), Complaint> {
    let plain = Style {
        color: false,
        ..screen.style(arguments.verbose)
    };
    let mut machine = false;
    for sink in &arguments.format {
        match (&sink.path, sink.format) {
            (Some(path), format) => write(path, &format::render(format, run, plain))?,
            // Below, once it is known who reads standard output.
            (None, Format::Human) => {}
            (None, format) => {
                machine = true;
                screen.say(true, &format::render(format, run, plain));
            }
        }
    }
    let style = if machine {
        plain
    } else {
        screen.style(arguments.verbose)
    };
    screen.say(!machine, &format::render(Format::Human, run, style));
    Ok(())
}

/// Writes a text as a file; see [`write_with`].
pub fn write(path: &Path, text: &str) -> Result<(), Complaint> {
    write_with(path, |file| file.write_all(text.as_bytes()))
}

/// Writes a file whole or not at all: beside its place first, then moved there. What is written is never held as a whole.
pub fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), Complaint> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    let beside = Path::new(&beside);
    let filled = File::create(beside).and_then(|file| {
        let mut file = BufWriter::new(file);
        fill(&mut file)?;
        file.flush()
    });
    let done = filled.and_then(|()| std::fs::rename(beside, path));
    done.map_err(|error| {
        Complaint::usage(
            format_args!("{} could not be written", path.display()),
            error,
            "free space or name another file; the run itself was done",
        )
    })
}
