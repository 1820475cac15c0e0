//! What a browser exported, judged: `diagnose --har`, `diagnose --curl` and `replay` of a HAR. Nothing is sent.

use std::io::{IsTerminal as _, Read};
use std::path::Path;

use crate::cli::args::{DiagnoseArgs, ReportArgs};
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::output::{self, Screen};
use crate::cli::session;
use crate::devtools::curl::{self, NotCurl};
use crate::devtools::har::Har;
use crate::devtools::recording::{Known, recording};
use crate::model::exit;
use crate::model::recording::Recording;
use crate::report::format::Format;
use crate::target::origin::PageOrigin;

const NEXT: &str =
    "in the browser's developer tools, under Network, make the call fail and choose \"Export HAR\"";

const COPY: &str = "in the browser's developer tools, under Network, choose \"Copy as cURL\" on the failing call, and pipe it in";

/// What stands for standard input.
const STDIN: &str = "-";

/// What says how to send, and so says nothing where nothing is sent.
pub const NOTHING_SENT: [&str; 14] = [
    "symptom",
    "request",
    "profile",
    "token_env",
    "token_command",
    "token_prompt",
    "contract",
    "expect_version",
    "replicas",
    "allow",
    "budget",
    "resolve",
    "resolver",
    "cacert",
];

/// Judges an export and returns the exit code.
pub fn har(path: &Path, arguments: &DiagnoseArgs, screen: &Screen) -> Result<u8, Complaint> {
    let path = path.display().to_string();
    let har = read(&path)?;
    let recording = made(&path, &har, &known(arguments)?)?;
    told(
        &recording,
        (&arguments.report, arguments.record.as_deref()),
        screen,
    )
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
    recording(har, known)
        .map_err(|nothing| Complaint::usage(format_args!("{path} holds nothing to judge"), nothing, NEXT))
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
    serde_json::from_reader(opened("the HAR", path, NEXT)?).map_err(|error| {
        let place = format!("{path}:{}:{} is not a HAR", error.line(), error.column());
        Complaint::usage(place, error, NEXT)
    })
}

/// A file, or standard input, of bounded size.
fn opened(role: &str, path: &str, next: &str) -> Result<Box<dyn Read>, Complaint> {
    if path != STDIN {
        return Ok(Box::new(inputs::reader(role, path, next)?));
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

/// Explains a copied call and returns the exit code: without an answer, nothing is checked.
pub fn copied(path: &Path, arguments: &DiagnoseArgs, screen: &Screen) -> Result<u8, Complaint> {
    let mut other = arguments.report.format.iter().map(|sink| sink.format);
    if let Some(other) = other.find(|format| !matches!(format, Format::Human | Format::Json)) {
        return Err(Complaint::usage(
            format_args!("--curl prints no {}", other.name()),
            "a call without an answer gives no run that the format could show",
            "use --format human or --format json, or --har with the browser's export",
        ));
    }
    let path = path.display().to_string();
    let mut bytes = Vec::new();
    opened("the copied call", &path, COPY)?
        .read_to_end(&mut bytes)
        .map_err(|error| Complaint::unreadable("the copied call", &path, &error, COPY))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Complaint::usage(
            format_args!("the copied call {path} is not text"),
            error.utf8_error(),
            COPY,
        )
    })?;
    let call = curl::read(&text).map_err(|NotCurl { line, column, why }| {
        Complaint::usage(
            format_args!("{path}:{line}:{column} is no copied call"),
            why,
            COPY,
        )
    })?;
    let origin = known(arguments)?.origin;
    let explained = curl::explain(&call, origin.as_ref().map(|origin| origin.0.as_str()));
    output::copied(&explained, &arguments.report, screen)?;
    Ok(exit::INCONCLUSIVE)
}
