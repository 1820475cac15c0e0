//! What a browser exported, judged: `diagnose --har`, `diagnose --curl` and `replay` of a HAR. Nothing is sent.

use std::io::{IsTerminal as _, Read};
use std::path::Path;

use crate::cli::args::{DiagnoseArgs, ReportArgs};
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::output::Screen;
use crate::cli::session;
use crate::devtools::har::Har;
use crate::devtools::recording::{Known, recording};
use crate::model::recording::Recording;
use crate::target::origin::PageOrigin;

const NEXT: &str = "in the browser's developer tools, under Network, make the call fail and choose \"Export HAR\"";

/// What stands for standard input.
const STDIN: &str = "-";

/// Judges an export and returns the exit code.
pub fn har(path: &Path, arguments: &DiagnoseArgs, screen: &Screen) -> Result<u8, Complaint> {
    let path = path.display().to_string();
    let har = read(&path)?;
    let recording = made(&path, &har, &known(arguments)?)?;
    told(&recording, (&arguments.report, arguments.record.as_deref()), screen)
}

/// Judges the recording of an export.
fn told(
    recording: &Recording,
    (report, record): (&ReportArgs, Option<&Path>),
    screen: &Screen,
) -> Result<u8, Complaint> {
    let run = session::judged(recording);
    session::told(&run, recording, (report, record), screen)
}

/// The recording of an export.
pub fn made(path: &str, har: &Har, known: &Known) -> Result<Recording, Complaint> {
    recording(har, known).map_err(|nothing| {
        Complaint::usage(format_args!("{path} holds nothing to judge"), nothing, NEXT)
    })
}

/// What the flags say besides.
fn known(arguments: &DiagnoseArgs) -> Result<Known, Complaint> {
    let origin = arguments.known.origin.first().map(|text| PageOrigin::parse(text));
    let origin = origin
        .transpose()
        .map_err(|fault| Complaint::about("--origin: ", &fault))?;
    Ok(Known {
        url: arguments.url.clone(),
        origin: origin.map(|PageOrigin(origin)| origin),
    })
}

/// Reads an export piece by piece: beside what it holds there is no room for its text.
pub fn read(path: &str) -> Result<Har, Complaint> {
    serde_json::from_reader(opened("the HAR", path)?).map_err(|error| {
        let place = format!("{path}:{}:{} is not a HAR", error.line(), error.column());
        Complaint::usage(place, error, NEXT)
    })
}

/// A file, or standard input, of bounded size.
fn opened(role: &str, path: &str) -> Result<Box<dyn Read>, Complaint> {
    if path != STDIN {
        return Ok(Box::new(inputs::reader(role, path, NEXT)?));
    }
    if std::io::stdin().is_terminal() {
        return Err(Complaint::usage(
            format_args!("{role} is to come from standard input, and that is this terminal"),
            "nothing is piped into it",
            "name a file, or pipe one in",
        ));
    }
    Ok(Box::new(std::io::stdin().lock().take(inputs::LARGEST)))
}

/// Explains a copied call and returns the exit code.
pub fn curl(path: &Path, _arguments: &DiagnoseArgs, _screen: &Screen) -> Result<u8, Complaint> {
    Err(Complaint::usage(path.display(), "not yet", NEXT))
}
