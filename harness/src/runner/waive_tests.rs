//! What a waiver covers, what it does not, and what it comes to.

use crate::check::Check;
use crate::check::judgement::Judgement;
use crate::check::spec::{Spec, Suite};
use crate::check::testing::{answered, target};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity, Verdict};
use crate::model::probe::{Ask, Probe};
use crate::model::recording::Recording;
use crate::model::run::{CheckOutcome, Run};
use crate::model::target::Target;
use crate::model::waiver::{Standing, Waiver};
use crate::runner::judge::{Bench, judge};

const fn spec(id: &'static str, layer: Layer, severity: Severity, must_run: bool) -> Spec {
    Spec {
        id,
        layer,
        title: "All is well",
        severity,
        suites: Suite::ALL,
        needs: &[],
        must_run,
        explanation: "",
        hint: "",
    }
}

/// Finds fault with every exchange.
struct Always(&'static Spec);

impl Check for Always {
    fn spec(&self) -> &'static Spec {
        self.0
    }
    fn ask(&self, _: &View<'_>) -> Vec<Ask> {
        vec![]
    }
    fn judge(&self, view: &View<'_>) -> Judgement {
        let findings = view.exchanges.iter().map(|exchange| {
            let subject = format!("{} {}", exchange.probe.method, exchange.probe.path_text());
            self.0.finds(subject, "It is wrong").shown_by([exchange])
        });
        Judgement::Judged {
            exchanges: view.exchanges.iter().map(|exchange| exchange.id).collect(),
            findings: findings.collect(),
            unseen: vec![],
        }
    }
}

static SLACK: Spec = spec("edge/slack", Layer::Http, Severity::Major, false);
static DOOR: Spec = spec("auth/door", Layer::Auth, Severity::Blocker, false);
static PROOF: Spec = spec("journey/proof", Layer::Journey, Severity::Blocker, true);

fn waiver(check: &str, subject: &str, until: &str) -> Waiver {
    Waiver {
        check: check.into(),
        subject: subject.into(),
        reason: "mended next week".into(),
        owner: "ana".into(),
        until: until.into(),
    }
}

fn run(check: &'static Spec, status: u16, waivers: Vec<Waiver>) -> Run {
    let target = Target { waivers, ..target() };
    let exchange = answered(1, &Probe::get("/me").build(), status, &[], "");
    let recording = Recording {
        ended_at: "2026-11-27T12:00:01Z".parse().unwrap(),
        ..Recording::of(target, vec![exchange], "2026-11-27T12:00:00Z".parse().unwrap())
    };
    let always: &'static dyn Check = Box::leak(Box::new(Always(check)));
    judge(
        &recording,
        Bench {
            checks: &[always],
            rules: &[],
            causes: &[],
        },
    )
}

#[test]
fn what_somebody_answers_for_is_told_and_fails_nothing() {
    let run = run(&SLACK, 200, vec![waiver("edge/slack", "GET /me", "2026-11-27")]);
    assert_eq!((run.verdict, run.exit_code), (Verdict::Pass, 0));
    assert_eq!(run.checks[0].outcome, CheckOutcome::Pass);
    assert_eq!(run.findings[0].severity, Severity::Advisory);
    assert_eq!(run.findings[0].waived, Some(Severity::Major));
    assert_eq!(
        (run.waivers[0].standing, run.waivers[0].findings),
        (Standing::Holds, 1)
    );
}

#[test]
fn another_subject_or_another_check_is_not_covered() {
    for (check, subject, standing) in [
        ("edge/slack", "GET /you", Standing::Unused),
        // A check that did not run may still need it.
        ("edge/strict", "GET /me", Standing::Unseen),
    ] {
        let run = run(&SLACK, 200, vec![waiver(check, subject, "2026-12-31")]);
        assert_eq!(run.verdict, Verdict::Fail, "{check} {subject}");
        assert_eq!(run.findings[0].waived, None);
        assert_eq!((run.waivers[0].standing, run.waivers[0].findings), (standing, 0));
    }
}

#[test]
fn what_was_waived_fails_again_once_the_last_day_is_over() {
    let run = run(&SLACK, 200, vec![waiver("edge/slack", "GET /me", "2026-11-26")]);
    assert_eq!(run.verdict, Verdict::Fail);
    assert_eq!(
        (run.waivers[0].standing, run.waivers[0].findings),
        (Standing::Expired, 1)
    );
}

#[test]
fn a_server_error_an_open_door_and_a_proof_cannot_be_waived_by_anything_that_reaches_the_judge() {
    for (spec, status) in [(&SLACK, 500), (&DOOR, 200), (&PROOF, 200)] {
        let run = run(spec, status, vec![waiver(spec.id, "GET /me", "2026-12-31")]);
        assert_eq!(run.verdict, Verdict::Fail, "{}", spec.id);
        assert_eq!(run.waivers[0].standing, Standing::Refused, "{}", spec.id);
    }
}
