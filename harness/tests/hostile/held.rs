//! What every run is held to, whatever it met.

use std::path::Path;
use std::sync::LazyLock;

use greenlight::report::format::Format;
use serde_json::Value;

use crate::binary::{Ran, greenlight, ran};

/// The most memory that a run may take, in KiB.
pub(crate) const MOST_MEMORY: u64 = 64 * 1024;

/// The largest report, in bytes: an archive of every exchange.
const MOST_BYTES: usize = 12 << 20;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/report.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
});

/// What is wrong with text that a terminal is to show: a character that does more than show itself.
pub(crate) fn steers(what: &str, text: &str) -> Option<String> {
    let steering = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        (c.is_control() && c != '\n') || turns
    };
    let at = text.find(steering)?;
    let around: String = text[at..].chars().take(60).collect();
    Some(format!("{what} holds a control character: {around:?}"))
}

/// What is wrong with how a process ended, whatever it was asked to do.
pub(crate) fn ended(ran: &Ran, codes: &[i32], within: std::time::Duration) -> Vec<String> {
    let mut wrong: Vec<String> = Vec::new();
    if !codes.contains(&ran.code) {
        wrong.push(format!("exit code {} is none of {codes:?}", ran.code));
    }
    if ran.took > within {
        wrong.push(format!("it took {:?}, and may take {within:?}", ran.took));
    }
    // A bound that nothing was held against has not been kept.
    match ran.peak {
        0 if cfg!(target_os = "linux") => wrong.push("its memory could not be measured".to_owned()),
        0 => eprintln!("its memory is not measured: this system does not tell as Linux does"),
        peak if peak > MOST_MEMORY => wrong.push(format!("it took {peak} KiB of memory")),
        _ => {}
    }
    if ran.err.contains("a fault of its own") || ran.err.contains("panicked") {
        wrong.push("it panicked".to_owned());
    }
    wrong.extend(steers("standard error", &ran.err));
    wrong.extend(steers("standard output", &ran.out));
    wrong
}

/// What no run goes without here: what is held against the schema, what tells red from green, and what people read.
pub(crate) const FEW: &[Format] = &[Format::Json, Format::Junit, Format::Human];

/// These formats, each in a file of its own.
pub(crate) fn in_files(formats: &[Format]) -> Vec<String> {
    let flags = |format: &Format| ["--format".to_owned(), format!("{0}=r.{0}", format.name())];
    formats.iter().flat_map(flags).collect()
}

/// Whether GitHub's runner would obey a line, though it is no annotation of ours.
fn is_command(line: &str) -> bool {
    let ours = ["::error title=", "::warning title=", "::notice title="];
    let new = line.trim_start().starts_with("::") && !ours.iter().any(|ours| line.starts_with(ours));
    new || line.contains("##[") || line.contains("##vso[")
}

/// What is wrong with the reports of these formats in this directory, and the JSON one.
pub(crate) fn reports(directory: &Path, formats: &[Format], code: i32) -> Result<Value, Vec<String>> {
    let mut wrong = Vec::new();
    let mut read = |name: &str| {
        std::fs::read_to_string(directory.join(name)).unwrap_or_else(|error| {
            wrong.push(format!("{name}: {error}"));
            String::new()
        })
    };
    let (json, junit) = (read("r.json"), read("r.junit"));
    let texts: Vec<(&str, String)> = formats
        .iter()
        .map(|format| (format.name(), read(&format!("r.{}", format.name()))))
        .collect();
    for (name, text) in &texts {
        wrong.extend(steers(name, text));
        let command = text.lines().find(|line| is_command(line));
        wrong.extend(command.map(|line| format!("{name} holds a command: {line:.200}")));
        if text.len() > MOST_BYTES {
            wrong.push(format!("{name} has {} bytes", text.len()));
        }
    }
    match quick_junit::Report::deserialize_from_str(&junit) {
        Ok(report) if report.failures + report.errors == 0 => {
            wrong.push("the JUnit report is green".to_owned())
        }
        Ok(_) => {}
        Err(error) => wrong.push(format!("the JUnit report is not read: {error}")),
    }
    let report: Value = match serde_json::from_str(&json) {
        Ok(report) => report,
        Err(error) => {
            wrong.push(format!("the JSON report is not JSON: {error}"));
            return Err(wrong);
        }
    };
    let invalid = SCHEMA.iter_errors(&report).take(3);
    wrong.extend(invalid.map(|error| format!("the JSON report: {}: {error}", error.instance_path())));
    if report["exit_code"] != code {
        wrong.push(format!("the report says exit {}", report["exit_code"]));
    }
    if wrong.is_empty() { Ok(report) } else { Err(wrong) }
}

/// What is wrong with a replay of the recording in this directory, whose report is known.
pub(crate) async fn replays(directory: &Path, live: &Ran, within: std::time::Duration) -> Vec<String> {
    let arguments = ["replay", "run.json", "--format", "json=again.json", "--verbose"];
    let again = ran(greenlight(directory, arguments)).await;
    let mut wrong = ended(&again, &[live.code], within);
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap_or_default();
    if read("r.json") != read("again.json") {
        wrong.push("it replays to another report".to_owned());
    }
    wrong.iter().map(|wrong| format!("replay: {wrong}")).collect()
}
