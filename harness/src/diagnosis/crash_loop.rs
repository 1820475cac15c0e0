//! The process restarts again and again: every few requests another one answers, and in between nobody does.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::successions::succession;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct CrashLoop;

impl Cause for CrashLoop {
    fn id(&self) -> &'static str {
        "crash-loop"
    }

    fn about(&self) -> &'static str {
        "The process restarts several times within the run, and requests in between find nobody."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "Answers that name their process. At least three processes took turns within the run, and requests between them found nobody.",
            likely: &[
                "The memory limit is too small: the process is killed as it warms up",
                "The liveness probe gives up before a slow start or a heavy call is over",
                "A background task raises after some seconds and takes the process with it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let seen = succession(case).filter(|seen| seen.changes > 1)?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The process was replaced {} times within the run, and {} requests found nobody",
                seen.changes,
                seen.lost.len()
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&seen.lost),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Read the log's last lines before each start: out of memory, a failed liveness probe, an exception".to_owned(),
                "Compare the restarts that the platform counts with the memory limit and the probe's time limit".to_owned(),
            ],
            explains: explained(seen.findings.iter().copied().chain(words::consequences(case, &seen.lost))),
        })
    }
}
