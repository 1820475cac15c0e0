//! `greenlight replay`: judge a recording again with today's checks. Nothing is sent.

use crate::cli::args::ReplayArgs;
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::output::{self, Screen};
use crate::cli::session;
use crate::model::exit;
use crate::model::recording::{Recording, SCHEMA};

/// Judges a recording and returns the exit code.
pub fn replay(arguments: &ReplayArgs, screen: &Screen) -> Result<u8, Complaint> {
    let files = arguments
        .report
        .format
        .iter()
        .filter_map(|sink| sink.path.as_deref());
    output::check_paths(files)?;
    let path = arguments.file.display().to_string();
    let next = "name a file that `greenlight verify --record FILE` wrote";
    let bytes = inputs::file("the recording", &path, next)?;
    let recording: Recording = serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("{path}:{}:{} is not a recording", error.line(), error.column());
        Complaint::usage(place, error, next)
    })?;
    if recording.schema != SCHEMA {
        let what = format!("{path} has the schema {:?}", recording.schema);
        return Err(Complaint::usage(
            what,
            format_args!("this build reads {SCHEMA}"),
            next,
        ));
    }
    let mut run = session::judged(&recording);
    if !run.interrupted {
        run.exit_code = exit::code(run.verdict, arguments.fail_on.map(Into::into));
    }
    output::report(&run, &arguments.report, screen)?;
    Ok(run.exit_code)
}
