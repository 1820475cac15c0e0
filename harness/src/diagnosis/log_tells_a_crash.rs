//! The service's own log names a crash that no answer showed.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct LogTellsACrash;

impl Cause for LogTellsACrash {
    fn id(&self) -> &'static str {
        "log-tells-a-crash"
    }

    fn about(&self) -> &'static str {
        "The service that was started for this run wrote of a crash, even if every answer looked well."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Hidden,
            blames: &[Blame::Deploy],
            needs: "The log of a service that this run started with --spawn, in which a line tells of a crash that no answer showed.",
            likely: &[
                "A coroutine was never awaited, or a promise's rejection is not handled",
                "A background task dies after the answer was sent",
                "A handler catches everything, logs it and answers well",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told = case.of("process/log-tells-no-crash");
        let first = told.first()?;
        let title = first
            .title
            .trim_start_matches("the log of the service says that ");
        let mut what: String = title.chars().take(1).flat_map(char::to_uppercase).collect();
        what.extend(title.chars().skip(1));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{what}, as the log of the service says"),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: told
                .iter()
                .map(|finding| format!("it wrote: {}", finding.actual))
                .collect(),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Go to the place that the line names; await the call, or handle its failure".to_owned(),
            ],
            explains: explained(told),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Check as _;
    use crate::check::judgement::Judgement;
    use crate::check::testing::{answered, spawned, target};
    use crate::check::view::View;
    use crate::checks::process::log_tells_no_crash::LogTellsNoCrash;
    use crate::model::probe::Probe;

    #[test]
    fn a_coroutine_that_nobody_awaited_is_named_and_a_quiet_log_is_not() {
        let (target, seen) = (target(), [answered(1, &Probe::get("/x").build(), 200, &[], "")]);
        let statement = |lines: &[&str]| {
            let spawned = spawned(lines);
            let view = View::new(&target, None, &seen, &[]).of_service(Some(&spawned));
            let Judgement::Judged { findings, .. } = LogTellsNoCrash.judge(&view) else {
                panic!("not judged");
            };
            let case = Case {
                view: &view,
                findings: &findings,
            };
            LogTellsACrash
                .diagnose(&case)
                .map(|diagnosis| diagnosis.statement)
        };
        let told = statement(&["ai.py:1: RuntimeWarning: coroutine 'f' was never awaited"]);
        assert_eq!(
            told.as_deref(),
            Some("A coroutine was never awaited, as the log of the service says")
        );
        assert_eq!(statement(&["INFO started"]), None);
    }
}
