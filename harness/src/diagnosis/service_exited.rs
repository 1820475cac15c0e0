//! The service that this run started is gone, or never came: everything after that is about an empty port.

use crate::check::text::{clean, shell_quoted};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct ServiceExited;

/// Lines of its log that are shown.
const SHOWN: usize = 4;

impl Cause for ServiceExited {
    fn id(&self) -> &'static str {
        "service-exited"
    }

    fn about(&self) -> &'static str {
        "The service that was started for this run ended, or never listened on the port that it was given."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Process,
            blames: &[Blame::Deploy],
            needs: "A service that this run started with --spawn, and its exit code, or a port on which it never listened.",
            likely: &[
                "An import, a setting or a migration fails at start",
                "It listens on a fixed port instead of $PORT, or on another interface than 127.0.0.1",
                "It needs longer to start than cold_start allows",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let spawned = case.view.spawned?;
        let lost = case.of("process/keeps-running");
        let first = lost.first()?;
        let unanswered = |finding: &&Finding| {
            let shown = case
                .view
                .exchanges
                .iter()
                .filter(|one| finding.exchanges.contains(&one.id));
            shown.clone().count() > 0 && shown.clone().all(|exchange| exchange.answer().is_none())
        };
        let after = case.findings.iter().filter(unanswered);
        let written: Vec<&str> = spawned
            .lines
            .iter()
            .map(|line| line.text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        let last = &written[written.len().saturating_sub(SHOWN)..];
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: capital(&first.title),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: last.iter().map(|line| format!("it wrote: {}", clean(line, 300))).collect(),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!("run it by hand and read what it prints: PORT={} sh -c {}", spawned.port, shell_quoted(&clean(&spawned.command, 300))),
                match spawned.exit {
                    Some(_) => "Mend what its last lines say; nothing else was judged".to_owned(),
                    None => "See that it listens on 127.0.0.1:$PORT; a service that starts slowly gets more time with cold_start in the profile".to_owned(),
                },
            ],
            explains: explained(lost.into_iter().chain(after)),
        })
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::check::Check as _;
    use crate::check::judgement::Judgement;
    use crate::check::testing::{spawned, target};
    use crate::check::view::View;
    use crate::checks::process::keeps_running::KeepsRunning;
    use crate::model::spawned::{Exit, Spawned};

    fn diagnosed(spawned: &Spawned) -> Option<Diagnosis> {
        let target = target();
        let view = View::new(&target, None, &[], &[]).of_service(Some(spawned));
        let findings = match KeepsRunning.judge(&view) {
            Judgement::Judged { findings, .. } => findings,
            Judgement::NotApplicable(_) | Judgement::Unable(_) => vec![],
        };
        ServiceExited.diagnose(&Case {
            view: &view,
            findings: &findings,
        })
    }

    #[test]
    fn a_service_that_ended_is_named_with_its_last_words() {
        let exit = Some(Exit {
            at: Timestamp::UNIX_EPOCH,
            how: "exit status: 1".into(),
        });
        let gone = Spawned {
            exit,
            listened_after_ms: None,
            ..spawned(&["", "ImportError: No module named 'x'"])
        };
        let diagnosis = diagnosed(&gone).unwrap();
        assert_eq!(
            diagnosis.statement,
            "The service ended before it listened (exit status: 1)"
        );
        assert_eq!(diagnosis.evidence, ["it wrote: ImportError: No module named 'x'"]);
        assert_eq!(diagnosis.explains.len(), 1);
    }

    #[test]
    fn a_service_that_lives_is_not() {
        assert_eq!(diagnosed(&spawned(&["up"])), None);
    }
}
