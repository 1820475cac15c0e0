//! The baseline of a run: a recording of an earlier one, read before anything is sent.

use std::path::Path;

use crate::cli::complaint::Complaint;
use crate::cli::{replay, session};
use crate::compare::{self, Judged};
use crate::model::diff;
use crate::model::recording::Recording;
use crate::model::run::Run;

/// What a run is compared with.
#[derive(Debug)]
pub enum Baseline {
    /// Nothing: nobody asked.
    Unasked,
    /// A file that is not there yet: the first run of an environment has none.
    Absent(String),
    /// An earlier run, and where it came from.
    Given(String, Box<Recording>),
}

impl Baseline {
    /// Reads the recording. A file that is there and is none is refused.
    pub fn read(path: Option<&Path>) -> Result<Baseline, Complaint> {
        let Some(path) = path else {
            return Ok(Baseline::Unasked);
        };
        let name = path.display().to_string();
        // A link that leads nowhere is a mistake of somebody, and not the first run.
        let gone =
            std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if gone {
            return Ok(Baseline::Absent(name));
        }
        let recording = replay::read(&name)?;
        Ok(Baseline::Given(name, Box::new(recording)))
    }

    /// Writes into a run how it compares. A run that checked nothing is compared with nothing.
    pub fn weigh(&self, run: &mut Run, recording: &Recording) {
        match self {
            Baseline::Unasked => {}
            Baseline::Absent(name) => run.baseline = Some(diff::Baseline::Absent(name.clone())),
            Baseline::Given(..) if run.rollout.as_ref().is_some_and(|rollout| !rollout.is_settled()) => {}
            Baseline::Given(name, earlier) => {
                let judged = session::judged(earlier);
                let before = Judged {
                    source: name,
                    recording: earlier,
                    run: &judged,
                };
                let after = Judged {
                    source: "this run",
                    recording,
                    run,
                };
                let diff = compare::recordings(before, after);
                compare::weigh(run, diff);
            }
        }
    }
}
