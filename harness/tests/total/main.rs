//! Judges are pure and total: whatever a recording holds, every check, rule and cause judges it without panicking, the
//! same recording always gives the same run, and a recording that went through a file gives it too.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test by panicking"
)]

mod answers;
mod targets;

use std::sync::Arc;

use greenlight::check::view::View;
use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::contract::load::Contract;
use greenlight::diagnosis::registry::CAUSES;
use greenlight::model::diagnosis::Blame;
use greenlight::model::exchange::{Asker, Exchange, Sent, Xid};
use greenlight::model::probe::{Ask, Probe};
use greenlight::model::recording::{ContractText, Recording, SCHEMA, Tool};
use greenlight::model::refusal::{Refusal, Why};
use greenlight::model::run::Run;
use greenlight::model::spawned::{Exit, LogLine, Output, Spawned};
use greenlight::model::target::Target;
use greenlight::report::format::{self, Format};
use greenlight::report::human::page::Style;
use greenlight::runner::judge::{Bench, judge};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::answers::{Seen, seen};

/// Rounds of asking; what is asked in the third depends on two rounds of answers.
const ROUNDS: usize = 3;

/// Probes that are answered in one case.
const MOST_PROBES: usize = 400;

const CONTRACTS: &[&str] = &[
    r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/health":{"get":{"responses":{"200":{"description":"",
        "content":{"application/json":{"schema":{"type":"object","required":["status"]}}}}}}},"/notes":{"post":{"responses":
        {"200":{"description":""},"default":{"description":""}}}}}}"#,
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
fn attempts(id: u32, step: u8, probe: &Probe, seen: &[Seen], at: usize) -> Vec<Exchange> {
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
            reply: seen.reply.clone(),
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
                    exchanges.extend(attempts(id, u8::try_from(step).unwrap(), probe, seen, at));
                }
            }
            known.push(ask);
        }
    }
    Recording {
        schema: SCHEMA.into(),
        tool: Tool::this(),
        target,
        contract: contract.map(|text| ContractText {
            source: "x".into(),
            text: text.into(),
        }),
        suites: vec![],
        seed: 7,
        started_at: Timestamp::from_second(times.0).unwrap(),
        ended_at: Timestamp::from_second(times.1).unwrap(),
        interrupted: flags.0,
        strict: flags.1,
        accept_unproven: vec![],
        connections: vec![],
        exchanges,
        refused,
        spawned: flags.1.then(|| spawned(flags.0, times)),
    }
}

/// A service that wrote what no service should.
fn spawned(ended: bool, times: (i64, i64)) -> Spawned {
    let at = |second| Timestamp::from_second(second).unwrap();
    let texts = [
        "",
        "\u{1b}[2J\u{0}",
        "thread '' panicked at ",
        "RuntimeWarning: coroutine '' was never awaited",
    ];
    let line = |text: &&str| LogLine {
        at: at(times.1),
        output: Output::Stdout,
        text: text.repeat(200),
    };
    Spawned {
        command: "'\u{7}'".into(),
        port: 0,
        listened_after_ms: (!ended).then_some(u64::MAX),
        exit: ended.then(|| Exit {
            at: at(times.0),
            how: "\u{202e}".into(),
        }),
        lines: texts.iter().map(line).collect(),
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
    )
        .prop_map(|(target, contract, seen, flags, times)| recording(target, contract, &seen, flags, times))
}

/// What people and machines are shown of a run holds nothing that steers a terminal.
fn is_harmless(run: &Run) -> bool {
    let style = Style {
        color: false,
        width: 100,
        verbose: true,
    };
    let shown = [Format::Human, Format::Json, Format::Junit].map(|format| format::render(format, run, style));
    shown
        .iter()
        .all(|text| text.chars().all(|c| c == '\n' || !c.is_control()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_recording_is_judged_and_judged_the_same_from_a_file(recording in arbitrary()) {
        let run = judge(&recording, bench());
        prop_assert_eq!(&judge(&recording, bench()), &run, "judged twice");
        let text = serde_json::to_string(&recording).unwrap();
        let read: Recording = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &recording, "read back");
        prop_assert_eq!(&judge(&read, bench()), &run, "judged from a file");
        prop_assert!(is_harmless(&run));
        for diagnosis in &run.diagnoses {
            let leaf = CAUSES.iter().find(|cause| cause.id() == diagnosis.cause).unwrap().leaf();
            let known = diagnosis.blame == Blame::Unknown || leaf.blames.contains(&diagnosis.blame);
            prop_assert!(known && !diagnosis.likely_causes.is_empty(), "{diagnosis:?}");
        }
    }
}

#[test]
fn an_arbitrary_recording_reaches_most_checks_and_rules() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut judged = std::collections::BTreeSet::new();
    for _ in 0..320 {
        let recording = arbitrary().new_tree(&mut runner).unwrap().current();
        let run = judge(&recording, bench());
        judged.extend(
            run.checks
                .into_iter()
                .filter(|check| check.judged > 0)
                .map(|check| check.check),
        );
    }
    let all = CHECKS.len() + RULES.len();
    assert!(
        judged.len() * 10 >= all * 8,
        "{} of {all}: {judged:#?}",
        judged.len()
    );
}
