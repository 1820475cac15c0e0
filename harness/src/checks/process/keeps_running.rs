//! A gate that starts the service must see it stay: a process that ends is red, whatever else answers on its port.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::process::NOT_OURS;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;
use crate::model::spawned::Spawned;

/// The check.
pub struct KeepsRunning;

static SPEC: Spec = Spec {
    id: "process/keeps-running",
    layer: Layer::Reach,
    title: "The service that was started keeps running",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A service that was started for this run and ends, or never listens, is no service: a missing dependency, \
                  a syntax error or a port that it ignores. Whatever answers on its port then is something else.",
    hint: "Run the command by hand with PORT set, and read what it prints last.",
};

impl Check for KeepsRunning {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(spawned) = view.spawned else {
            return Judgement::NotApplicable(NOT_OURS.to_owned());
        };
        let mut tally = Tally::new(view);
        view.exchanges.iter().for_each(|exchange| tally.judged(exchange));
        match gone(spawned) {
            Some(finding) => Judgement::Judged {
                exchanges: Vec::new(),
                findings: vec![finding],
                unseen: Vec::new(),
            },
            None => tally.done(),
        }
    }
}

/// How it was lost, if it was.
fn gone(spawned: &Spawned) -> Option<Finding> {
    let listened = spawned.listened_after_ms.is_some();
    let (title, actual) = match (&spawned.exit, listened) {
        (None, true) => return None,
        (None, false) => (
            format!("the service never listened on port {}, its $PORT", spawned.port),
            "nothing listened there in time".to_owned(),
        ),
        (Some(exit), false) => (
            format!("the service ended before it listened ({})", exit.how),
            ended(spawned, &exit.how),
        ),
        (Some(exit), true) => (
            format!("the service ended while it was verified ({})", exit.how),
            ended(spawned, &exit.how),
        ),
    };
    let found = SPEC
        .finds(clean(&spawned.command, 200), title)
        .expected("a process that listens on $PORT until it is stopped")
        .actual(actual);
    Some(found.shown_by([]))
}

fn ended(spawned: &Spawned, how: &str) -> String {
    let said = spawned
        .lines
        .iter()
        .rev()
        .find(|line| !line.text.trim().is_empty());
    match said {
        Some(line) => format!("{how}; its last line: {}", clean(line.text.trim(), 300)),
        None => format!("{how}; it wrote nothing"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::check::testing::{answered, spawned, target};
    use crate::model::probe::Probe;
    use crate::model::spawned::Exit;

    fn judged(spawned: Option<&Spawned>) -> Judgement {
        let (target, seen) = (
            target(),
            [answered(1, &Probe::get("/health").build(), 200, &[], "")],
        );
        KeepsRunning.judge(&View::new(&target, None, &seen, &[]).of_service(spawned))
    }

    fn title(spawned: &Spawned) -> Option<String> {
        match judged(Some(spawned)) {
            Judgement::Judged { findings, .. } => findings.first().map(|finding| finding.title.clone()),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn one_that_ends_or_never_listens_is_found() {
        let exit = Some(Exit {
            at: Timestamp::UNIX_EPOCH,
            how: "exit status: 1".into(),
        });
        let ended = Spawned {
            exit: exit.clone(),
            ..spawned(&["Traceback", "ImportError: x"])
        };
        assert_eq!(
            title(&ended).unwrap(),
            "the service ended while it was verified (exit status: 1)"
        );
        let never = Spawned {
            listened_after_ms: None,
            ..spawned(&[])
        };
        assert_eq!(
            title(&never).unwrap(),
            "the service never listened on port 8000, its $PORT"
        );
        let before = Spawned { exit, ..never };
        assert_eq!(
            title(&before).unwrap(),
            "the service ended before it listened (exit status: 1)"
        );
    }

    #[test]
    fn one_that_stays_is_spared_and_one_that_we_did_not_start_is_none_of_our_business() {
        assert_eq!(title(&spawned(&["error: nothing to see here"])), None);
        assert!(matches!(judged(None), Judgement::NotApplicable(_)));
    }
}
