//! `greenlight replay`: judge a recording, a bundle, or what a browser exported, again with today's checks. Nothing is sent.

use std::io::Read;

use crate::cli::args::ReplayArgs;
use crate::cli::baseline::Baseline;
use crate::cli::bundle;
use crate::cli::complaint::Complaint;
use crate::cli::exported;
use crate::cli::inputs;
use crate::cli::output::{self, Screen};
use crate::cli::session;
use crate::devtools::recording::Known;
use crate::model::exit;
use crate::model::recording::{Recording, SCHEMA};
use crate::target::fault::quote;

const NEXT: &str =
    "name a file that `greenlight verify --record FILE` wrote, a bundle, or a HAR that a browser exported";

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

/// What a HAR has and no recording does.
#[derive(serde::Deserialize)]
struct Archive {
    #[serde(rename = "log")]
    _log: serde::de::IgnoredAny,
}

/// Reads a recording piece by piece: beside what it holds there is no room for its text. That of a bundle is there once, since
/// it has to be unpacked.
pub fn read(path: &str) -> Result<Recording, Complaint> {
    if bundle::is_one(path)? {
        let bytes = bundle::recording(path)?;
        return parsed(&format!("{path}: recording.json"), || Ok(&*bytes)).and_then(|found| {
            found.ok_or_else(|| {
                Complaint::usage(
                    format_args!("{path} holds no recording"),
                    "its recording.json is a HAR",
                    NEXT,
                )
            })
        });
    }
    match parsed(path, || inputs::reader("the recording", path, NEXT))? {
        Some(recording) => Ok(recording),
        None => exported::made(path, &exported::read(path)?, &Known::default()),
    }
}

/// The recording; `None` when it is a HAR.
fn parsed<R: Read>(
    place: &str,
    open: impl Fn() -> Result<R, Complaint>,
) -> Result<Option<Recording>, Complaint> {
    let told = |error: serde_json::Error| {
        let place = format!("{place}:{}:{} is not a recording", error.line(), error.column());
        Complaint::usage(place, error, NEXT)
    };
    let whole = serde_json::from_reader::<_, Recording>(open()?);
    let schema = match &whole {
        Ok(recording) => recording.schema.clone(),
        // Another schema says more than what of it does not fit into this one.
        Err(error) if error.is_data() => {
            if serde_json::from_reader::<_, Archive>(open()?).is_ok() {
                return Ok(None);
            }
            let head = serde_json::from_reader(open()?);
            head.map(|Head { schema }| schema).map_err(told)?
        }
        Err(_) => SCHEMA.to_owned(),
    };
    if schema != SCHEMA {
        let what = format!("{place} has the schema {}", quote(&schema));
        return Err(Complaint::usage(
            what,
            format_args!("this build reads {SCHEMA}"),
            NEXT,
        ));
    }
    whole.map(Some).map_err(told)
}
