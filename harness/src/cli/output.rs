//! The one place that writes: reports to standard output or files, everything else to standard error.

use std::io::{IsTerminal as _, Write as _};
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

/// Refuses a report or recording that could not be written, before anything is sent.
pub fn check_paths<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<(), Complaint> {
    for path in paths {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        if path.is_dir() || !parent.is_dir() {
            return Err(Complaint::usage(
                format_args!("{} cannot be written", path.display()),
                if path.is_dir() {
                    "it is a directory"
                } else {
                    "its directory does not exist"
                },
                "name a file in a directory that exists",
            ));
        }
    }
    Ok(())
}

/// Writes a finished run in every format that was asked for. Human text goes to standard error when a machine reads
/// standard output.
pub fn report(run: &Run, arguments: &ReportArgs, screen: &Screen) -> Result<(), Complaint> {
    let default = [Sink {
        format: Format::Human,
        path: None,
    }];
    let sinks: &[Sink] = if arguments.format.is_empty() {
        &default
    } else {
        &arguments.format
    };
    let style = screen.style(arguments.verbose);
    let plain = Style {
        color: false,
        ..style
    };
    for sink in sinks {
        match &sink.path {
            Some(path) => write(path, &format::render(sink.format, run, plain))?,
            None => screen.say(true, &format::render(sink.format, run, style)),
        }
    }
    let on_stdout = sinks.iter().any(|sink| sink.path.is_none());
    let human = sinks
        .iter()
        .any(|sink| sink.format == Format::Human && sink.path.is_none());
    if !human {
        screen.say(
            !on_stdout,
            &format::render(
                Format::Human,
                run,
                Style {
                    color: false,
                    ..style
                },
            ),
        );
    }
    Ok(())
}

/// Writes a file whole or not at all: beside its place first, then moved there.
pub fn write(path: &Path, text: &str) -> Result<(), Complaint> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    let beside = Path::new(&beside);
    let done = std::fs::write(beside, text).and_then(|()| std::fs::rename(beside, path));
    done.map_err(|error| {
        Complaint::usage(
            format_args!("{} could not be written", path.display()),
            error,
            "free space or name another file; the run itself was done",
        )
    })
}
