//! The one place that writes: reports to standard output or files, everything else to standard error.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufWriter, ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::cli::args::{ReportArgs, Sink};
use crate::cli::complaint::Complaint;
use crate::cli::terminal::Terminal;
use crate::model::copied::CopiedCall;
use crate::model::exit;
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::report;
use crate::report::format::{self, Finished, Format};
use crate::report::human::page::Style;
use crate::report::markdown::report as page;

/// What people see of this process.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Standard output.
    pub out: Terminal,
    /// Standard error.
    pub err: Terminal,
    /// Whether standard error is a terminal that somebody watches.
    pub watched: bool,
    quiet: bool,
}

impl Screen {
    /// The screen of this process. Nobody watches a terminal in CI.
    pub fn of_this_process() -> Screen {
        let err = Terminal::of(std::io::stderr());
        let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        Screen {
            out: Terminal::of(std::io::stdout()),
            err,
            watched: err.is_one && !in_ci,
            quiet: false,
        }
    }

    /// The same for somebody who wants the headline and nothing else, or as it is.
    pub fn quieted(self, quiet: bool) -> Screen {
        Screen {
            watched: self.watched && !quiet,
            quiet: self.quiet || quiet,
            ..self
        }
    }

    /// Says something to whoever watches: on standard error, where nobody is missed, and not at all when only the headline is
    /// wanted.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.tell(&self.err.fitted(text));
        }
    }

    /// Tells on standard error what must be read: a complaint, a report, something that was not done.
    pub fn tell(&self, text: &str) {
        // Nothing is left to say it with when this fails.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Prints what was asked for on standard output. A reader that has seen enough closes the pipe, which is no error;
    /// a full disk is one, or a lost report would pass for a written one.
    pub fn print(&self, text: &str) -> Result<(), Complaint> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Complaint::lost("standard output", &error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The style of a human report on standard output.
    pub fn style(&self, verbose: bool) -> Style {
        self.styled(self.out, verbose)
    }

    /// The style of one on standard error, whose colours are its own.
    pub fn style_beside(&self, verbose: bool) -> Style {
        self.styled(self.err, verbose)
    }

    fn styled(&self, terminal: Terminal, verbose: bool) -> Style {
        Style {
            color: terminal.color,
            width: terminal.width,
            verbose,
            quiet: self.quiet,
        }
    }
}

/// Refuses reports and a recording that could not be written where they were asked for, before anything is sent.
pub fn check(arguments: &ReportArgs, record: Option<&Path>) -> Result<(), Complaint> {
    let mut taken: Vec<&Path> = Vec::new();
    let sinks = arguments.format.iter().filter_map(|sink| sink.path.as_deref());
    for path in sinks.chain(record).chain(arguments.bundle.as_deref()) {
        if taken.contains(&path) {
            return Err(Complaint::usage(
                format_args!("{} would be written twice", path.display()),
                "one file holds one report, one recording or one bundle",
                "name another file for one of them",
            ));
        }
        taken.push(path);
        writable(path)?;
    }
    let told = |people: bool| {
        let of = move |sink: &&Sink| sink.path.is_none() && sink.format.is_for_people() == people;
        arguments.format.iter().filter(of).count()
    };
    if told(false) > 1 {
        return Err(Complaint::usage(
            "two machine formats would be written to standard output",
            "no machine could tell where one ends and the other begins",
            "give all but one a file: --format NAME=PATH",
        ));
    }
    if told(true) > 1 {
        return Err(Complaint::usage(
            "two reports for people would be printed",
            "whoever reads them would read the same twice",
            "give all but one a file: --format NAME=PATH",
        ));
    }
    Ok(())
}

/// Refuses a file that could not be written.
pub fn writable(path: &Path) -> Result<(), Complaint> {
    let parent = beside(path);
    let refused = |why: &str| {
        let what = format!("{} cannot be written", path.display());
        Err(Complaint::usage(
            what,
            why,
            "name a file in a directory that exists and may be written",
        ))
    };
    if path.is_dir() {
        return refused("it is a directory");
    }
    if !parent.is_dir() {
        return refused("its directory does not exist");
    }
    let tried = match Destination::of(path) {
        Destination::File(file) => begin(&file).map(drop),
        // Opening a pipe would wait for its reader.
        Destination::Stream => Ok(()),
    };
    tried.or_else(|error| refused(&error.to_string()))
}

/// Writes a finished run in every format that was asked for. Text for people goes to standard error when a machine reads
/// standard output. What can be said is said even when something else could not be written.
pub fn report(finished: Finished<'_>, arguments: &ReportArgs, screen: &Screen) -> Result<(), Complaint> {
    let plain = in_a_file(screen.style(arguments.verbose));
    let printed = |people: bool| {
        let mut on_stdout = arguments.format.iter().filter(|sink| sink.path.is_none());
        on_stdout
            .find(|sink| sink.format.is_for_people() == people)
            .map(|sink| sink.format)
    };
    let for_people = printed(true).unwrap_or(Format::Human);
    let told = match printed(false) {
        Some(format) => {
            let beside = screen.style_beside(arguments.verbose);
            screen.tell(&format::render(for_people, finished, beside));
            screen.print(&format::render(format, finished, plain))
        }
        None => screen.print(&format::render(
            for_people,
            finished,
            screen.style(arguments.verbose),
        )),
    };
    let files = arguments
        .format
        .iter()
        .filter_map(|sink| sink.path.as_deref().map(|path| (path, sink.format)));
    let written = files.map(|(path, format)| write(path, &format::render(format, finished, plain)));
    let summarized = match arguments.format.iter().any(|sink| sink.format == Format::Github) {
        true => summarize(finished.run),
        false => Ok(()),
    };
    written.fold(told, Result::and).and(summarized)
}

/// The style of a report that goes into a file: whoever wants one wants all of it.
fn in_a_file(style: Style) -> Style {
    Style {
        color: false,
        quiet: false,
        ..style
    }
}

/// Writes what a copied call is in every format that was asked for.
pub fn copied(call: &CopiedCall, arguments: &ReportArgs, screen: &Screen) -> Result<(), Complaint> {
    let style = screen.style(arguments.verbose);
    let plain = in_a_file(style);
    let render = |format: Format, style: Style| match format {
        Format::Json => report::copied::json(call),
        _ => report::copied::human(call, style),
    };
    let printed = arguments.format.iter().filter(|sink| sink.path.is_none());
    let printed = printed
        .map(|sink| sink.format)
        .next_back()
        .unwrap_or(Format::Human);
    screen.print(&render(printed, style))?;
    let files = arguments
        .format
        .iter()
        .filter_map(|sink| sink.path.as_ref().zip(Some(sink.format)));
    for (path, format) in files {
        write(path, &render(format, plain))?;
    }
    Ok(())
}

/// Adds the page to the summary of the job, where a step of GitHub Actions has one. What other steps wrote there stays, and
/// what does not fit into the bound of a step is left out.
fn summarize(run: &Run) -> Result<(), Complaint> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let there = std::fs::metadata(&path).map_or(0, |facts| facts.len());
    let room = page::SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
    let added = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(page::summary(run, room).as_bytes()));
    added.map_err(|error| Complaint::lost("the summary of the job", &error))
}

/// Writes the recording, when somebody wants it.
pub fn record(path: Option<&Path>, recording: &Recording) -> Result<(), Complaint> {
    path.map_or(Ok(()), |path| {
        write_with(path, |file| {
            serde_json::to_writer(&mut *file, recording)?;
            file.write_all(b"\n")
        })
    })
}

/// The exit code of a finished run. What could not be written takes a pass away, and never a failure.
pub fn ended(run: &Run, written: Result<(), Complaint>) -> Result<u8, Complaint> {
    match written {
        Ok(()) => Ok(run.exit_code),
        Err(lost) if run.exit_code == exit::PASS => Err(lost),
        Err(lost) => Err(Complaint {
            code: run.exit_code,
            ..lost
        }),
    }
}

/// Writes a text as a file; see [`write_with`].
pub fn write(path: &Path, text: &str) -> Result<(), Complaint> {
    write_with(path, |file| file.write_all(text.as_bytes()))
}

/// Writes a file that its owner alone may read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    let done = match Destination::of(path) {
        Destination::File(real) => tempfile::Builder::new()
            .prefix(".greenlight-")
            .suffix(".partial")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(beside(&real))
            .and_then(|mut whole| {
                whole.write_all(bytes)?;
                whole.persist(&real).map(drop).map_err(|error| error.error)
            }),
        Destination::Stream => OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut stream| stream.write_all(bytes)),
    };
    done.map_err(|error| Complaint::lost(&path.display().to_string(), &error))
}

/// Writes a file whole or not at all: beside its place first, then moved there. What is written is never held as a whole.
/// A pipe or a device is written as it is, and a link is followed: none of them is replaced.
pub fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> std::io::Result<()>,
) -> Result<(), Complaint> {
    let filled = |file: &mut File| {
        let mut file = BufWriter::new(file);
        fill(&mut file)?;
        file.flush()
    };
    let done = match Destination::of(path) {
        Destination::File(real) => begin(&real).and_then(|mut whole| {
            filled(whole.as_file_mut())?;
            whole.persist(&real).map(drop).map_err(|error| error.error)
        }),
        Destination::Stream => OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut stream| filled(&mut stream)),
    };
    done.map_err(|error| Complaint::lost(&path.display().to_string(), &error))
}

/// What a path leads to.
enum Destination {
    /// A file, there or to be made, at the end of every link.
    File(PathBuf),
    /// A pipe, a device or a socket.
    Stream,
}

impl Destination {
    fn of(path: &Path) -> Destination {
        match std::fs::metadata(path) {
            Ok(there) if !there.is_file() => Destination::Stream,
            _ => Destination::File(std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())),
        }
    }
}

/// A file beside its place, which is gone unless it is moved there. Whoever may read other files may read it.
fn begin(path: &Path) -> std::io::Result<NamedTempFile> {
    let permissions = Permissions::from_mode(0o666);
    tempfile::Builder::new()
        .prefix(".greenlight-")
        .suffix(".partial")
        .permissions(permissions)
        .tempfile_in(beside(path))
}

/// The directory of a file.
fn beside(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
