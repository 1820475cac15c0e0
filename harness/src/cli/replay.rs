//! `greenlight replay`: judge a recording again with today's checks. Nothing is sent.

use crate::cli::args::ReplayArgs;
use crate::cli::baseline::Baseline;
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
    let recording = read(&path)?;
    let baseline = Baseline::read(arguments.baseline.as_deref())?;
    let mut run = session::judged(&recording);
    baseline.weigh(&mut run, &recording);
    if !run.interrupted && run.exit_code != exit::WAITED {
        run.exit_code = exit::code(run.verdict, arguments.fail_on.map(Into::into));
    }
    session::told(&run, &recording, (&arguments.report, None), screen)
}

/// All that is read of a file which is no recording of this build's schema.
#[derive(serde::Deserialize)]
struct Head {
    schema: String,
}

/// Reads a recording piece by piece: beside what it holds there is no room for its text.
pub fn read(path: &str) -> Result<Recording, Complaint> {
    let told = |error: serde_json::Error| {
        let place = format!("{path}:{}:{} is not a recording", error.line(), error.column());
        Complaint::usage(place, error, NEXT)
    };
    let whole = serde_json::from_reader::<_, Recording>(inputs::reader("the recording", path, NEXT)?);
    let schema = match &whole {
        Ok(recording) => recording.schema.clone(),
        // Another schema says more than what of it does not fit into this one.
        Err(error) if error.is_data() => {
            let head = serde_json::from_reader(inputs::reader("the recording", path, NEXT)?);
            head.map(|Head { schema }| schema).map_err(told)?
        }
        Err(_) => SCHEMA.to_owned(),
    };
    if schema != SCHEMA {
        let what = format!("{path} has the schema {}", quote(&schema));
        return Err(Complaint::usage(
            what,
            format_args!("this build reads {SCHEMA}"),
            NEXT,
        ));
    }
    whole.map_err(told)
}
