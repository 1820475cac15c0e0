//! `greenlight replay`: judge a recording again with today's checks. Nothing is sent.

use crate::cli::args::ReplayArgs;
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::output::{self, Screen};
use crate::cli::session;
use crate::model::exit;
use crate::model::recording::{Recording, SCHEMA};
use crate::target::fault::quote;

const NEXT: &str = "name a file that `greenlight verify --record FILE` wrote";

/// Judges a recording and returns the exit code.
pub fn replay(arguments: &ReplayArgs, screen: &Screen) -> Result<u8, Complaint> {
    output::check(&arguments.report, None)?;
    let path = arguments.file.display().to_string();
    let bytes = inputs::file("the recording", &path, NEXT)?;
    let recording = read(&path, &bytes)?;
    let mut run = session::judged(&recording);
    if !run.interrupted {
        run.exit_code = exit::code(run.verdict, arguments.fail_on.map(Into::into));
    }
    output::report(&run, &arguments.report, screen)?;
    Ok(run.exit_code)
}

/// All that is read of a file before it is known to be a recording of this build's schema.
#[derive(serde::Deserialize)]
struct Head {
    schema: String,
}

fn read(path: &str, bytes: &[u8]) -> Result<Recording, Complaint> {
    let told = |error: serde_json::Error| {
        let place = format!("{path}:{}:{} is not a recording", error.line(), error.column());
        Complaint::usage(place, error, NEXT)
    };
    let Head { schema } = serde_json::from_slice(bytes).map_err(told)?;
    if schema != SCHEMA {
        let what = format!("{path} has the schema {}", quote(&schema));
        return Err(Complaint::usage(
            what,
            format_args!("this build reads {SCHEMA}"),
            NEXT,
        ));
    }
    serde_json::from_slice(bytes).map_err(told)
}
