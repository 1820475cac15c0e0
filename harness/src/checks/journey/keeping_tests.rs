//! A service that keeps things, played from a script, for the tests of every check that looks at it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::check::Check;
use crate::check::asks as proofs;
use crate::check::judgement::Judgement;
use crate::check::keeping::{delete, list, looks, read, save};
use crate::check::testing::{answered, target};
use crate::check::view::View;
use crate::checks::journey::keeping::{asks, both};
use crate::model::exchange::Exchange;
use crate::model::keep::Keep;
use crate::model::probe::{Effect, Nature, Probe};
use crate::model::target::{Call, Target};

/// What it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers {
    pub(crate) saved: &'static str,
    pub(crate) reads: [u16; 3],
    pub(crate) read: &'static str,
    pub(crate) list: &'static str,
    pub(crate) deleted: u16,
    pub(crate) after: [u16; 3],
}

impl Answers {
    pub(crate) fn healthy() -> Answers {
        Answers {
            saved: r#"{"saved":true,"id":"7","found":[{"is":1}]}"#,
            reads: [200; 3],
            read: r#"{"id":"7","text":"The kitchen","found":[{"is":1}]}"#,
            list: r#"{"items":[{"id":"7"}]}"#,
            deleted: 204,
            after: [404; 3],
        }
    }
}

fn to(method: &str, path: &str) -> Call {
    Call {
        method: method.into(),
        path: path.into(),
    }
}

/// [`target`], whose service keeps runs.
pub(crate) fn keeping() -> Target {
    let mut target = target();
    let pair = |one: &str, other: &str| BTreeMap::from([(one.to_owned(), other.to_owned())]);
    target.keeps = vec![Keep {
        call: to("POST", "/runs"),
        body: json!({"text": "The kitchen", "save": true}),
        nature: Nature::Paid,
        protected: true,
        says: Some("/saved".into()),
        id: "/id".into(),
        read: to("GET", "/runs/{id}"),
        list: Some(to("GET", "/runs")),
        delete: to("DELETE", "/runs/{id}"),
        sent: pair("/text", "/text"),
        answered: pair("/found", "/found"),
    }];
    target
}

/// Every probe that the checks may send, and its answer.
fn script(target: &Target, answers: Answers) -> Vec<(Probe, u16, &'static str)> {
    let keep = &target.keeps[0];
    let view = View::new(target, None, &[], &[]);
    let (first, after) = both(&view, keep, "7");
    let looked = |read: &Probe, statuses: [u16; 3]| {
        let [second, third] = looks(read);
        [read.clone(), second, third]
            .into_iter()
            .zip(statuses)
            .map(|(probe, status)| (probe, status, answers.read))
            .collect::<Vec<_>>()
    };
    let mut script = vec![
        (proofs::proof(target, &target.proofs[0]), 200, "{}"),
        (save(target, keep), 200, answers.saved),
        (list(target, keep).unwrap(), 200, answers.list),
        (delete(target, keep, "7"), answers.deleted, ""),
    ];
    script.extend(looked(&first, answers.reads));
    script.extend(looked(&after, answers.after));
    script
}

/// What was seen once the checks have asked all that they want, in the order of asking.
fn seen(target: &Target, answers: Answers) -> Vec<Exchange> {
    let script = script(target, answers);
    let mut seen: Vec<Exchange> = Vec::new();
    let answer = |seen: &mut Vec<Exchange>, probe: &Probe| {
        let known = script.iter().find(|(asked, ..)| asked == probe);
        let (_, status, body) = known.unwrap_or_else(|| panic!("nobody answers {probe:?}"));
        let id = u32::try_from(seen.len()).unwrap();
        seen.push(answered(id, probe, *status, &[], body));
    };
    answer(&mut seen, &proofs::proof(target, &target.proofs[0]));
    for _ in 0..8 {
        let asked = asks(&View::new(target, None, &seen, &[]));
        for probe in asked.iter().flat_map(|ask| ask.probes()) {
            if seen.iter().all(|exchange| *exchange.probe != *probe) {
                answer(&mut seen, probe);
            }
        }
    }
    seen
}

/// What a check makes of such a service.
pub(crate) fn run(check: &dyn Check, answers: Answers) -> Judgement {
    let target = keeping();
    let seen = seen(&target, answers);
    check.judge(&View::new(&target, None, &seen, &[]))
}

#[test]
fn a_healthy_service_is_asked_five_times_and_left_as_it_was() {
    let target = keeping();
    let seen = seen(&target, Answers::healthy());
    let probes = || seen.iter().skip(1).map(|exchange| &exchange.probe);
    let asked: Vec<String> = probes()
        .map(|probe| format!("{} {}", probe.method, probe.path_text()))
        .collect();
    assert_eq!(
        asked,
        [
            "POST /runs",
            "GET /runs/7",
            "GET /runs",
            "DELETE /runs/7",
            "GET /runs/7"
        ]
    );
    // What the service made up is another thing in each run.
    let called: Vec<String> = probes().map(|probe| probe.operation()).collect();
    assert_eq!(called[1..4], ["GET /runs/{id}", "GET /runs", "DELETE /runs/{id}"]);
}

#[test]
fn a_run_that_may_not_write_or_not_pay_keeps_nothing() {
    for lacking in [Effect::Writes, Effect::Paid] {
        let mut target = keeping();
        let seen = [answered(
            1,
            &proofs::proof(&target, &target.proofs[0]),
            200,
            &[],
            "{}",
        )];
        assert_eq!(asks(&View::new(&target, None, &seen, &[])).len(), 1);
        target.allow.retain(|effect| *effect != lacking);
        assert_eq!(asks(&View::new(&target, None, &seen, &[])), []);
    }
}

#[test]
fn nothing_is_kept_before_what_must_work_was_seen_working() {
    let target = keeping();
    assert_eq!(asks(&View::new(&target, None, &[], &[])), []);
}

#[test]
fn what_is_read_is_asked_with_the_credential_that_kept_it() {
    let target = keeping();
    let probe = read(&target, &target.keeps[0], "7");
    assert_eq!(probe.who, save(&target, &target.keeps[0]).who);
    assert_eq!(probe.effect, Effect::Read);
}
