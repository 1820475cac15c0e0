//! Judges are pure and total: whatever a recording holds, every check, rule and cause judges it without panicking, the
//! same recording always gives the same run, and a recording that went through a file gives it too.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test by panicking"
)]

mod answers;
mod known;
mod targets;
mod web;

use std::collections::BTreeSet;
use std::sync::Arc;

use greenlight::check::view::View;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::contract::load::Contract;
use greenlight::diagnosis::case::Case;
use greenlight::diagnosis::registry::CAUSES;
use greenlight::model::diagnosis::Blame;
use greenlight::model::exchange::{Asker, Exchange, Sent, Xid};
use greenlight::model::page::SeenPage;
use greenlight::model::probe::{Ask, Probe, Wire};
use greenlight::model::recording::{Connection, ContractText, Recording};
use greenlight::model::refusal::{Refusal, Why};
use greenlight::model::run::Run;
use greenlight::model::spawned::{Exit, LogLine, Spawned};
use greenlight::model::target::Target;
use greenlight::report::format::{self, Finished, Format};
use greenlight::report::human::page::Style;
use greenlight::runner::judge::{Bench, judge};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::answers::{Seen, seen};
use crate::known::{UNNAMED, UNREACHED};

/// Rounds of asking; what is asked in the third depends on two rounds of answers.
const ROUNDS: usize = 3;

/// Probes that are answered in one case.
const MOST_PROBES: usize = 400;

const CONTRACTS: &[&str] = &[
    r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/health":{"get":{"responses":{"200":{"description":"",
        "content":{"application/json":{"schema":{"type":"object","required":["status"]}}}}}}},"/notes":{"post":{"responses":
        {"200":{"description":""},"default":{"description":""}}}}}}"#,
    r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/notes":{"post":{"deprecated":true,"requestBody":
        {"required":true,"content":{"application/json":{"schema":{"type":"object","required":["text"],"additionalProperties":
        false,"properties":{"text":{"type":"string"},"language":{"type":"string"}}},"example":{"text":"x"}}}},"responses":
        {"200":{"description":"","content":{"application/json":{"schema":{"type":"object"}}}},"500":{"description":""}}}},
        "/me":{"get":{"responses":{"200":{"description":""}}}}}}"#,
    r#"{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{}}"#,
    "no contract at all",
];

fn bench() -> Bench<'static> {
    Bench {
        checks: CHECKS,
        rules: RULES,
        causes: CAUSES,
    }
}

/// The exchanges of one probe: what was seen of it, over as many attempts as were.
fn attempts((id, step): (u32, u8), probe: &Probe, seen: &[Seen], at: usize, sound: bool) -> Vec<Exchange> {
    let one = |attempt: u8| {
        let seen = &seen[(at + usize::from(attempt) * 7) % seen.len()];
        Exchange {
            id: Xid(id),
            probe: Arc::new(probe.clone()),
            askers: vec![Asker("total".into())],
            step,
            copy: seen.copy,
            attempt,
            at: seen.at,
            conn: seen.conn,
            sent: seen.sent.then(|| Sent {
                url: format!("http://x{}", probe.path_text()),
                headers: vec![],
                body_length: seen.length,
                claims: seen.claims.clone(),
            }),
            reply: if matches!(probe.wire, Wire::Raw(_)) {
                answers::heard(seen)
            } else if sound && !seen.wild {
                answers::sound(probe)
            } else {
                seen.reply.clone()
            },
            phases: seen.phases,
            redacted: seen.redacted.clone(),
        }
    };
    let attempts = seen[at % seen.len()].attempts;
    (1..=attempts).map(one).collect()
}

fn refusal(probe: &Probe, at: usize) -> Refusal {
    let whys = [
        Why::Effect,
        Why::Paid,
        Why::Throttle,
        Why::Deadline,
        Why::NoCredential,
        Why::NoCapture,
    ];
    Refusal {
        probe: probe.clone(),
        askers: vec![],
        why: whys[at % whys.len()].clone(),
        reason: "\u{1b}[2Jno".into(),
        flag: at.is_multiple_of(2).then(|| "--allow \u{9b}2J".into()),
    }
}

/// Everything that the checks ask of this target, answered with what was seen, in rounds.
fn recording(
    target: Target,
    contract: Option<&str>,
    seen: &[Seen],
    flags: (bool, bool),
    times: (i64, i64),
    (connections, lines, sound, pages): (Vec<Connection>, Vec<LogLine>, bool, Vec<SeenPage>),
) -> Recording {
    let parsed = contract.and_then(|text| Contract::parse(text, "x").ok());
    let (mut exchanges, mut refused): (Vec<Exchange>, Vec<Refusal>) = (Vec::new(), Vec::new());
    let mut known: Vec<Ask> = Vec::new();
    for _ in 0..ROUNDS {
        let view = View::new(&target, parsed.as_ref(), &exchanges, &refused);
        let asked: Vec<Ask> = CHECKS.iter().flat_map(|check| check.ask(&view)).collect();
        for ask in asked {
            if known.contains(&ask) || known.len() > MOST_PROBES {
                continue;
            }
            for (step, probe) in ask.probes().into_iter().enumerate() {
                let at = known.len() * 3 + step;
                let id = u32::try_from(known.len()).unwrap();
                if seen[at % seen.len()].refused {
                    refused.push(refusal(probe, at));
                } else {
                    exchanges.extend(attempts(
                        (id, u8::try_from(step).unwrap()),
                        probe,
                        seen,
                        at,
                        sound,
                    ));
                }
            }
            known.push(ask);
        }
    }
    Recording {
        contract: contract.map(|text| ContractText {
            source: "x".into(),
            text: text.into(),
        }),
        seed: 7,
        ended_at: Timestamp::from_second(times.1).unwrap(),
        interrupted: flags.0,
        strict: flags.1,
        connections,
        refused,
        pages,
        spawned: flags.1.then(|| spawned(flags.0, times, lines)),
        names: answers::names(times.0),
        ..Recording::of(target, exchanges, Timestamp::from_second(times.0).unwrap())
    }
}

/// A service that wrote what no service should.
fn spawned(ended: bool, times: (i64, i64), lines: Vec<LogLine>) -> Spawned {
    Spawned {
        command: "'\u{7}'".into(),
        port: 0,
        listened_after_ms: (!ended).then_some(u64::MAX),
        exit: ended.then(|| Exit {
            at: Timestamp::from_second(times.0).unwrap(),
            how: "\u{202e}".into(),
        }),
        lines,
        lines_lost: u64::MAX,
    }
}

fn arbitrary() -> impl Strategy<Value = Recording> {
    let contract = proptest::option::of(proptest::sample::select(CONTRACTS));
    let time = || prop_oneof![3 => 0_i64..2_000_000_000, 1 => -377_705_023_201_i64..253_402_207_200];
    (
        targets::arbitrary(),
        contract,
        proptest::collection::vec(seen(), 1..24),
        any::<(bool, bool)>(),
        (time(), time()),
        (
            answers::connections(),
            answers::lines(),
            any::<bool>(),
            web::pages(),
        ),
    )
        .prop_map(|(target, contract, seen, flags, times, besides)| {
            recording(target, contract, &seen, flags, times, besides)
        })
}

/// What people and machines are shown of a run holds nothing that steers a terminal.
fn is_harmless(run: &Run, recording: &Recording) -> bool {
    let style = Style {
        color: false,
        width: 100,
        verbose: true,
        quiet: false,
    };
    let finished = Finished::new(run, recording);
    let mut shown = Format::ALL
        .iter()
        .map(|format| format::render(*format, finished, style));
    shown.all(|text| text.chars().all(|c| c == '\n' || !c.is_control()))
}

/// Strategies of this size do not fit a test's own stack in a debug build.
fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(16 * 1024 * 1024)
        .spawn(test)
        .unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn any_recording_is_judged_and_judged_the_same_from_a_file() {
    on_a_large_stack(|| {
        let config = ProptestConfig {
            cases: 48,
            max_shrink_iters: 200,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let mut runner = TestRunner::new(config);
        runner
            .run(&arbitrary(), |recording| judged_the_same(&recording))
            .unwrap();
    });
}

fn judged_the_same(recording: &Recording) -> Result<(), TestCaseError> {
    let run = judge(recording, bench());
    prop_assert_eq!(&judge(recording, bench()), &run, "judged twice");
    let text = serde_json::to_string(recording).unwrap();
    let read: Recording = serde_json::from_str(&text).unwrap();
    prop_assert_eq!(&read, recording, "read back");
    prop_assert_eq!(&judge(&read, bench()), &run, "judged from a file");
    prop_assert!(is_harmless(&run, recording));
    for diagnosis in &run.diagnoses {
        let leaf = CAUSES
            .iter()
            .find(|cause| cause.id() == diagnosis.cause)
            .unwrap()
            .leaf();
        let known = diagnosis.blame == Blame::Unknown || leaf.blames.contains(&diagnosis.blame);
        prop_assert!(known && !diagnosis.likely_causes.is_empty(), "{diagnosis:?}");
    }
    Ok(())
}

/// What judged an exchange of this recording, and which causes were found when each was asked by itself.
fn reached(recording: &Recording) -> (Vec<String>, Vec<&'static str>) {
    let run = judge(recording, bench());
    let judged = run.checks.into_iter().filter(|check| check.judged > 0);
    let judged = judged.map(|check| check.check).collect();
    let parsed = recording
        .contract
        .as_ref()
        .and_then(|contract| Contract::parse(&contract.text, "x").ok());
    let view = View::new(
        &recording.target,
        parsed.as_ref(),
        &recording.exchanges,
        &recording.refused,
    )
    .of_service(recording.spawned.as_ref())
    .over(&recording.connections)
    .named(&recording.names)
    .of_pages(&recording.pages);
    let case = Case {
        view: &view,
        findings: &run.findings,
    };
    let found = CAUSES.iter().filter(|cause| cause.diagnose(&case).is_some());
    (judged, found.map(|cause| cause.id()).collect())
}

/// Arbitrary recordings must go through every judge, or they show nothing of it. What they do not reach stands in a list, with
/// the reason.
#[test]
fn arbitrary_recordings_reach_every_check_rule_and_cause_that_is_not_listed() {
    on_a_large_stack(reach_what_is_not_listed);
}

fn reach_what_is_not_listed() {
    let mut runner = TestRunner::deterministic();
    let (mut judged, mut found) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..420 {
        let recording = arbitrary().new_tree(&mut runner).unwrap().current();
        let (checks, causes) = reached(&recording);
        judged.extend(checks);
        found.extend(causes);
    }
    let checks = CHECKS.iter().map(|check| check.spec().id);
    let all = checks.chain(RULES.iter().map(|rule| rule.spec().id));
    let listed = |list: &[(&str, &str)], id: &str| list.iter().any(|(listed, _)| *listed == id);
    let unreached: Vec<&str> = all
        .filter(|id| !judged.contains(*id) && !listed(UNREACHED, id))
        .collect();
    let causes = CAUSES.iter().map(|cause| cause.id());
    let unnamed: Vec<&str> = causes
        .filter(|id| !found.contains(id) && !listed(UNNAMED, id))
        .collect();
    assert!(
        unreached.is_empty() && unnamed.is_empty(),
        "judged nothing: {unreached:#?}; never found: {unnamed:#?}"
    );
}
