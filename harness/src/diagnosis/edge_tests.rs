//! Causes at the edge and of rollouts, held against those that look alike.

use jiff::Timestamp;

use crate::check::asks;
use crate::check::testing::{answered, cors, failed, target};
use crate::diagnosis::tests::{health, proof};
use crate::diagnosis::whole_tests::{causes, judged};
use crate::model::exchange::{Exchange, Outcome, Phase, WireFault};
use crate::model::probe::{Body, Conn, Insert, Probe};

const NGINX: &str = "<html><center><h1>Oops</h1></center><hr><center>nginx</center></html>";
const PAGE: &[(&str, &str)] = &[("content-type", "text/html"), ("server", "nginx")];
const GOOD: &str = r#"{"summary":"short"}"#;

/// The call of the proof with a recording of so many bytes in place of its text.
fn recording(exchange: impl Fn(&Probe) -> Exchange, bytes: u64) -> Exchange {
    let mut probe = asks::proof(&target(), &target().proofs[0]);
    probe.body = Body::Json {
        value: serde_json::json!({"audio": ""}),
        inserts: vec![Insert {
            change: Default::default(),
            at: "/audio".into(),
            sample: "a.wav".into(),
        }],
    };
    let mut exchange = exchange(&probe);
    if let Some(sent) = &mut exchange.sent {
        sent.body_length = bytes;
    }
    exchange
}

/// Seconds after the run's beginning.
fn at(mut exchange: Exchange, second: i64) -> Exchange {
    exchange.at = Timestamp::from_second(second).unwrap();
    exchange
}

fn first(seen: &[Exchange]) -> String {
    let mut all = vec![health()];
    all.extend_from_slice(seen);
    causes(&judged(&target(), &all))
        .first()
        .map(|cause| (*cause).to_owned())
        .unwrap_or_default()
}

#[test]
fn a_recording_that_is_too_large_is_a_limit_and_another_page_is_not() {
    let refused = |status| recording(|probe| answered(3, probe, status, PAGE, NGINX), 130_000);
    assert_eq!(first(&[proof(2, 200, GOOD), refused(413)]), "edge-limit");
    assert_eq!(first(&[proof(2, 200, GOOD), refused(504)]), "edge-timeout");
    assert_eq!(first(&[proof(2, 200, GOOD), refused(403)]), "edge-blocks-content");
    assert_eq!(first(&[proof(2, 200, GOOD), refused(502)]), "edge-error-page");
}

#[test]
fn a_reset_under_large_bodies_is_told_from_one_under_all() {
    let lost = || recording(|probe| failed(3, probe, Phase::Wait, WireFault::Reset), 130_000);
    assert_eq!(first(&[proof(2, 200, GOOD), lost()]), "large-body-reset");
    let small = failed(
        2,
        &asks::proof(&target(), &target().proofs[0]),
        Phase::Wait,
        WireFault::Reset,
    );
    assert_eq!(first(&[small, lost()]), "connection-dropped");
}

#[test]
fn work_that_is_killed_is_told_from_work_that_crashes_at_once() {
    let dropped = |id, ms: u64| {
        let probe = asks::proof(&target(), &target().proofs[0]).repeat(u16::try_from(id).unwrap());
        let mut exchange = failed(id, &probe, Phase::Wait, WireFault::ClosedWithoutAnswer);
        exchange.phases.wait = Some(ms * 1_000);
        exchange
    };
    assert_eq!(first(&[dropped(2, 30_000), dropped(3, 30_040)]), "worker-timeout");
    assert_eq!(first(&[dropped(2, 9), dropped(3, 8)]), "connection-dropped");
    assert_eq!(
        first(&[dropped(2, 7_000), dropped(3, 29_000)]),
        "connection-dropped"
    );
}

/// Equal calls, one after the other, answered so.
fn calls(statuses: &[u16]) -> Vec<Exchange> {
    let one = |(status, id): (&u16, u16)| {
        let probe = asks::proof(&target(), &target().proofs[0]).repeat(id);
        let mut headers = cors();
        headers.push(("content-type", "application/json"));
        at(
            answered(u32::from(id) + 10, &probe, *status, &headers, GOOD),
            i64::from(id) + 1,
        )
    };
    statuses.iter().zip(0..).map(one).collect()
}

#[test]
fn what_fails_first_last_or_now_and_then_has_three_names() {
    assert_eq!(first(&calls(&[500, 200, 200, 200])), "first-call-fails");
    assert_eq!(first(&calls(&[200, 200, 503, 503, 503])), "pool-exhausted");
    assert_eq!(first(&calls(&[200, 500, 200, 500, 200])), "intermittent-failure");
    assert_eq!(first(&calls(&[500, 500, 500])), "server-error");
}

/// Reads, one after the other, each by this process; by none when it is `-`.
fn reads(processes: &str) -> Vec<Exchange> {
    let one = |(process, id): (char, u16)| {
        let probe = Probe {
            conn: Conn::Fresh,
            ..asks::read("/info").repeat(id)
        };
        let seen = if process == '-' {
            answered(u32::from(id) + 10, &probe, 502, PAGE, NGINX)
        } else {
            let name = process.to_string();
            let headers = [
                ("x-instance-id", name.as_str()),
                ("content-type", "application/json"),
            ];
            answered(u32::from(id) + 10, &probe, 200, &headers, "{}")
        };
        at(seen, i64::from(id) + 1)
    };
    processes.chars().zip(0..).map(one).collect()
}

#[test]
fn processes_that_take_turns_are_told_from_processes_that_share() {
    let turns = |one: char, two: char| {
        format!(
            "{}--{}",
            String::from(one).repeat(15),
            String::from(two).repeat(15)
        )
    };
    assert_eq!(first(&reads(&turns('a', 'b'))), "no-drain");
    assert_eq!(
        first(&reads(&format!("{}--{}", turns('a', 'b'), "c".repeat(15)))),
        "crash-loop"
    );
    let shared = "ab".repeat(15);
    let name = first(&reads(&format!("{shared}--{shared}")));
    assert!(!["no-drain", "crash-loop"].contains(&name.as_str()), "{name}");
    // What fails long after the change has another reason.
    let late = first(&reads(&format!(
        "{}{}-{}",
        "a".repeat(15),
        "b".repeat(30),
        "b".repeat(5)
    )));
    assert!(!["no-drain", "crash-loop"].contains(&late.as_str()), "{late}");
}

#[test]
fn a_preflight_that_the_proxy_answers_is_told_from_one_that_the_application_does() {
    let target = target();
    let client = &target.clients[0];
    let preflight = asks::preflight(&client.origin, client.credentials, &client.calls[0]).unwrap();
    let seen = |mark: bool| {
        let mut marked = cors();
        marked.extend([("x-app-version", "1.4.0"), ("content-type", "application/json")]);
        let health = answered(1, &asks::read("/health"), 200, &marked, r#"{"status":"healthy"}"#);
        let headers: &[(&str, &str)] = if mark { &[("x-app-version", "1.4.0")] } else { &[] };
        let exchanges = [health, answered(2, &preflight, 204, headers, "")];
        let run = judged(&target, &exchanges);
        causes(&run).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(
        seen(false).contains(&"edge-answers-options".to_owned()),
        "{:?}",
        seen(false)
    );
    assert!(
        !seen(true).contains(&"edge-answers-options".to_owned()),
        "{:?}",
        seen(true)
    );
}

#[test]
fn an_answer_that_breaks_off_is_named() {
    let mut cut = proof(2, 200, "{\"summ");
    if let Outcome::Answered(reply) = &mut cut.reply {
        reply.body.end = crate::model::capture::End::Short;
    }
    assert_eq!(first(&[cut]), "answer-cut");
}
