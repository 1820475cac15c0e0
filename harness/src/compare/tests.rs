//! Two recordings side by side. Everything is made by hand: no network, no clock.

use proptest::prelude::*;

use crate::check::testing::{answered, target};
use crate::compare::{Judged, recordings, weigh};
use crate::model::diff::{Baseline, Cost, Diff, Kind};
use crate::model::exchange::{Exchange, Phases};
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::probe::Probe;
use crate::model::recording::Recording;
use crate::model::run::{CheckOutcome, CheckResult, Run};
use crate::model::target::Environment;
use crate::report::fixtures;

const JSON: (&str, &str) = ("content-type", "application/json");

fn recording(exchanges: Vec<Exchange>) -> Recording {
    let at = jiff::Timestamp::UNIX_EPOCH;
    Recording::of(target(), exchanges, at)
}

/// One recording of `GET /things` answered so.
fn one(status: u16, headers: &[(&str, &str)], body: &str) -> Recording {
    recording(vec![answered(
        1,
        &Probe::get("/things").build(),
        status,
        headers,
        body,
    )])
}

/// Some reads of `/things`, each as long as said, in milliseconds; the first one is cold.
fn timed(times: &[u64]) -> Recording {
    let probe = Probe::get("/things").build();
    let exchange = |(at, ms): (usize, &u64)| {
        let at = u32::try_from(at).unwrap();
        let probe = probe.repeat(u16::try_from(at).unwrap());
        Exchange {
            phases: Phases {
                connect: Some(900_000),
                wait: Some(ms * 1_000),
                ..Phases::default()
            },
            ..answered(at, &probe, 200, &[JSON], "{}")
        }
    };
    recording(times.iter().enumerate().map(exchange).collect())
}

fn diff_of((before, was): (&Recording, &Run), (after, is): (&Recording, &Run)) -> Diff {
    let judged = |source, recording, run| Judged {
        source,
        recording,
        run,
    };
    recordings(judged("before", before, was), judged("after", after, is))
}

fn diff(before: &Recording, after: &Recording) -> Diff {
    let run = fixtures::healthy();
    diff_of((before, &run), (after, &run))
}

fn said(diff: &Diff) -> Vec<(Cost, Kind, &str)> {
    let changes = diff.changes.iter();
    changes
        .map(|change| (change.cost, change.kind, change.statement.as_str()))
        .collect()
}

fn header(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<(Cost, String)> {
    let diff = diff(&one(200, before, ""), &one(200, after, ""));
    let told = said(&diff).into_iter().map(|(cost, kind, what)| {
        assert_eq!(kind, Kind::Header);
        (cost, what.trim_start_matches("GET /things → 200: ").to_owned())
    });
    told.collect()
}

#[test]
fn what_differs_between_any_two_healthy_answers_is_no_change() {
    let answer = |n: &str| {
        let policy = format!("default-src 'self'; script-src 'nonce-{n}'");
        one(
            200,
            &[
                ("date", n),
                ("etag", n),
                ("set-cookie", n),
                ("x-request-id", n),
                ("content-length", n),
                ("server", n),
                ("x-instance", n),
                ("content-security-policy", &policy),
                ("content-type", &format!("multipart/mixed; boundary={n}")),
            ],
            &format!(r#"{{"version":"{n}","at":{n},"by_id":{{"{n}":true}}}}"#),
        )
    };
    let seen = diff(&answer("1234567"), &answer("7654321"));
    assert!(seen.is_empty(), "{seen:#?}");
}

#[test]
fn what_a_proxy_or_a_clock_writes_may_come_and_go() {
    let written = [
        ("age", "3"),
        ("x-cache", "HIT"),
        ("cf-ray", "8"),
        ("set-cookie", "a=b"),
        ("x-amzn-trace-id", "Root=1"),
    ];
    assert!(header(&written, &[]).is_empty());
    assert!(header(&[], &written).is_empty());
    assert_eq!(
        header(&[], &[("x-thing", "1")]),
        [(Cost::Nothing, "the header x-thing is new".into())]
    );
}

#[test]
fn a_map_is_one_place_whatever_its_keys_are() {
    let (old, new) = (r#"{"m":{"a@1234":1},"n":1}"#, r#"{"m":{},"n":1}"#);
    assert!(diff(&one(200, &[], old), &one(200, &[], new)).is_empty());
    assert!(diff(&one(200, &[], new), &one(200, &[], old)).is_empty());
}

#[test]
fn a_protection_that_is_gone_breaks_and_a_new_one_does_not() {
    let hsts = ("strict-transport-security", "max-age=31536000");
    assert_eq!(
        header(&[hsts], &[]),
        [(
            Cost::Breaking,
            "the header strict-transport-security is gone".into()
        )]
    );
    assert_eq!(
        header(&[], &[hsts]),
        [(
            Cost::Nothing,
            "the header strict-transport-security is new".into()
        )]
    );
    let shorter = ("strict-transport-security", "max-age=60");
    assert_eq!(header(&[hsts], &[shorter]).first().unwrap().0, Cost::Breaking);
    assert_eq!(header(&[shorter], &[hsts]).first().unwrap().0, Cost::Nothing);
}

#[test]
fn a_list_breaks_by_what_it_loses_and_its_order_is_nothing() {
    let lists = |list| [("access-control-allow-headers", list)];
    assert!(header(&lists("A, b"), &lists("B,a")).is_empty());
    assert_eq!(
        header(&lists("a"), &lists("a, b")).first().unwrap().0,
        Cost::Nothing
    );
    assert_eq!(
        header(&lists("a, b"), &lists("a")).first().unwrap().0,
        Cost::Breaking
    );
}

#[test]
fn a_private_answer_that_may_be_stored_now_breaks() {
    let cache = |value| [("cache-control", value)];
    assert_eq!(header(&cache("private"), &[]).first().unwrap().0, Cost::Breaking);
    assert_eq!(
        header(&cache("no-store"), &cache("max-age=60"))
            .first()
            .unwrap()
            .0,
        Cost::Breaking
    );
    assert_eq!(
        header(&cache("private, no-cache"), &cache("no-store"))
            .first()
            .unwrap()
            .0,
        Cost::Nothing
    );
    assert_eq!(
        header(&cache("max-age=60"), &cache("max-age=30"))
            .first()
            .unwrap()
            .0,
        Cost::Nothing
    );
}

#[test]
fn a_status_of_another_class_breaks_and_throttling_says_nothing() {
    let seen = diff(&one(200, &[], ""), &one(404, &[], ""));
    assert_eq!(
        said(&seen),
        [(
            Cost::Breaking,
            Kind::Status,
            "GET /things: answered 200 before, 404 now"
        )]
    );
    assert!(diff(&one(200, &[], ""), &one(429, &[], "")).is_empty());
    assert_eq!(
        diff(&one(400, &[], ""), &one(422, &[], "")).changes[0].cost,
        Cost::Nothing
    );
}

#[test]
fn a_member_that_went_or_has_another_type_is_named() {
    let (old, new) = (
        r#"{"a":1,"b":[{"c":"x"}],"n":null}"#,
        r#"{"a":"1","b":[{"d":"x"}],"n":2}"#,
    );
    let seen = diff(&one(200, &[], old), &one(200, &[], new));
    assert_eq!(
        said(&seen),
        [(
            Cost::Breaking,
            Kind::Body,
            "GET /things → 200: the member /a was a number and is a string"
        )]
    );
    let (old, new) = (r#"{"a":1,"b":[{"c":1,"d":2}]}"#, r#"{"a":1,"b":[{"d":2,"e":3}]}"#);
    let seen = diff(&one(200, &[], old), &one(200, &[], new));
    assert_eq!(
        said(&seen),
        [
            (
                Cost::Breaking,
                Kind::Body,
                "GET /things → 200: the member /b/*/c is gone"
            ),
            (
                Cost::Nothing,
                Kind::Body,
                "GET /things → 200: the member /b/*/e is new"
            ),
        ]
    );
}

#[test]
fn an_empty_list_says_nothing_of_its_items() {
    let (old, new) = (r#"{"a":[{"b":1}]}"#, r#"{"a":[]}"#);
    assert!(diff(&one(200, &[], old), &one(200, &[], new)).is_empty());
}

#[test]
fn slower_is_told_by_a_test_and_makes_a_run_at_most_degraded() {
    let (fast, slow) = (
        timed(&[2_000, 10, 11, 12, 13, 14, 15, 16]),
        timed(&[2_000, 210, 211, 212, 213, 214, 215, 216]),
    );
    let seen = diff(&fast, &slow);
    assert_eq!(
        said(&seen),
        [(
            Cost::Worse,
            Kind::Latency,
            "GET /things → 200: slower, a median of 13 ms before and 213 ms now over 7 answers each (Mann–Whitney U, p < 0.001)"
        )]
    );
    assert!(!seen.breaks());
    let mut run = fixtures::healthy();
    weigh(&mut run, seen);
    assert_eq!(run.verdict, Verdict::Degraded);
    assert!(
        run.headline
            .starts_with("Worse than the baseline: GET /things → 200: slower")
    );
    assert_eq!(diff(&slow, &fast).worst(), None);
    assert!(diff(&slow, &slow).is_empty());
}

#[test]
fn a_slower_answer_is_no_change_when_it_is_cold_rare_small_or_by_chance() {
    let fast = timed(&[10; 9]);
    let cold = timed(&[9_000, 10, 10, 10, 10, 10, 10, 10, 10]);
    assert!(diff(&fast, &cold).is_empty());
    // Five warm samples of each are too few, however different.
    assert!(diff(&timed(&[10; 6]), &timed(&[900; 6])).is_empty());
    // Ninety more milliseconds are nine times as long, and nobody notices.
    assert!(diff(&fast, &timed(&[90; 9])).is_empty());
    // A tenth of a second more is nothing to what took a second.
    assert!(diff(&timed(&[1_000; 9]), &timed(&[1_200; 9])).is_empty());
    // Half of them are slow in both.
    let mixed = timed(&[10, 10, 900, 10, 900, 10, 900, 10, 900]);
    let shifted = timed(&[10, 900, 10, 900, 10, 900, 10, 900, 900]);
    assert!(diff(&mixed, &shifted).is_empty());
}

#[test]
fn runs_that_are_no_equals_are_said_to_be_and_no_change_decides() {
    let before = one(200, &[JSON], "{}");
    let mut after = one(404, &[JSON], "{}");
    after.target.environment = Environment::Production;
    after.suites = vec!["smoke".into()];
    after.target.base = "https://other.example".into();
    let seen = diff(&before, &after);
    assert_eq!(
        seen.unlike,
        [
            "another target: http://notes.example before, https://other.example now",
            "another environment: local before, production now",
            "another selection of checks: all before, smoke now",
        ]
    );
    let mut run = fixtures::healthy();
    weigh(&mut run, seen);
    assert_eq!(run.verdict, Verdict::Pass);
    assert!(matches!(run.baseline, Some(Baseline::Compared(_))));
}

#[test]
fn another_port_of_this_machine_is_the_same_target() {
    let at = |base: &str| {
        let mut recording = one(200, &[], "");
        recording.target.base = base.into();
        recording
    };
    assert!(
        diff(&at("http://127.0.0.1:4000/v1"), &at("http://localhost:5000/v1/"))
            .unlike
            .is_empty()
    );
    assert_eq!(
        diff(&at("http://127.0.0.1:4000/v1"), &at("http://127.0.0.1:4000/v2"))
            .unlike
            .len(),
        1
    );
}

/// A run in which these checks were judged, and these of them failed.
fn run(judged: &[&str], failed: &[&str]) -> Run {
    let check = |id: &&str| CheckResult {
        check: (*id).into(),
        judged: 1,
        outcome: CheckOutcome::Pass,
        ..fixtures::healthy().checks.remove(0)
    };
    let mut run = fixtures::healthy();
    run.checks = judged.iter().map(check).collect();
    let finding = |id: &&str| Finding {
        check: (*id).into(),
        outcome: Verdict::Fail,
        severity: Severity::Blocker,
        ..fixtures::broken::missing_await().findings.remove(0)
    };
    run.findings = failed.iter().map(finding).collect();
    run
}

#[test]
fn a_failure_is_new_only_where_the_baseline_looked() {
    let nothing = recording(vec![]);
    let (before, after) = (
        run(&["a", "b", "c"], &["b", "c"]),
        run(&["a", "b", "d"], &["a", "b", "d"]),
    );
    let seen = diff_of((&nothing, &before), (&nothing, &after)).failures;
    let ids = |list: &[crate::model::diff::Failed]| -> Vec<String> {
        list.iter().map(|failed| failed.check.clone()).collect()
    };
    assert_eq!(ids(&seen.new), ["a"]);
    assert_eq!(ids(&seen.same), ["b"]);
    assert_eq!(ids(&seen.unknown), ["d"]);
    // The later run did not judge c.
    assert_eq!(ids(&seen.gone), Vec::<String>::new());
}

#[test]
fn a_failing_run_keeps_its_headline_and_its_verdict() {
    let mut failing = fixtures::broken::missing_await();
    let (verdict, headline) = (failing.verdict, failing.headline.clone());
    let seen = diff(&one(200, &[], ""), &one(404, &[], ""));
    weigh(&mut failing, seen);
    assert_eq!((failing.verdict, failing.headline), (verdict, headline));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        ".{0,6}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-d]{1,2}|\\PC{1,3}", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Path, status, headers, body and microseconds.
type Answer = (usize, u16, Vec<(&'static str, String)>, serde_json::Value, u64);

fn any_recording() -> impl Strategy<Value = Recording> {
    let names = prop::sample::select(vec![
        "vary",
        "cache-control",
        "x-thing",
        "date",
        "content-type",
        "allow",
    ]);
    let answer = (
        0_usize..3,
        prop::sample::select(vec![200_u16, 201, 404, 429, 500]),
        prop::collection::vec((names, "[ -~]{0,20}"), 0..4),
        json(),
        0_u64..900_000,
    );
    prop::collection::vec(answer, 0..30).prop_map(|answers| {
        let exchange = |(at, (path, status, headers, body, wait)): (usize, Answer)| {
            let at = u32::try_from(at).unwrap();
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let probe = Probe::get(["/a", "/b", "/c"][path])
                .build()
                .repeat(u16::try_from(at).unwrap());
            let phases = Phases {
                wait: Some(wait),
                ..Phases::default()
            };
            Exchange {
                phases,
                ..answered(at, &probe, status, &headers, &body.to_string())
            }
        };
        recording(answers.into_iter().enumerate().map(exchange).collect())
    })
}

proptest! {
    #[test]
    fn a_recording_differs_from_itself_in_nothing(recording in any_recording()) {
        let seen = diff(&recording, &recording);
        prop_assert!(seen.is_empty(), "{seen:#?}");
    }

    #[test]
    fn what_is_new_one_way_is_gone_the_other(before in any_recording(), after in any_recording()) {
        let (there, back) = (diff(&before, &after), diff(&after, &before));
        let count = |diff: &Diff, kind: Kind, word: &str| {
            diff.changes.iter().filter(|change| change.kind == kind && change.statement.ends_with(word)).count()
        };
        prop_assert_eq!(count(&there, Kind::Header, "is new"), count(&back, Kind::Header, "is gone"));
        prop_assert_eq!(count(&there, Kind::Header, "is gone"), count(&back, Kind::Header, "is new"));
        prop_assert_eq!(count(&there, Kind::Body, "is new"), count(&back, Kind::Body, "is gone"));
        let statuses = |diff: &Diff| diff.changes.iter().filter(|change| change.kind == Kind::Status).count();
        prop_assert_eq!(statuses(&there), statuses(&back));
    }

    #[test]
    fn failures_are_symmetric(old in prop::collection::btree_set("[a-e]", 0..5), new in prop::collection::btree_set("[a-e]", 0..5)) {
        let all = ["a", "b", "c", "d", "e"];
        let of = |failed: &std::collections::BTreeSet<String>| run(&all, &failed.iter().map(String::as_str).collect::<Vec<_>>());
        let nothing = recording(vec![]);
        let (was, is) = (of(&old), of(&new));
        let there = diff_of((&nothing, &was), (&nothing, &is)).failures;
        let back = diff_of((&nothing, &is), (&nothing, &was)).failures;
        prop_assert_eq!(there.new.len(), new.difference(&old).count());
        prop_assert_eq!((there.new, there.gone, there.same), (back.gone, back.new, back.same));
    }
}
