//! `diagnose` with what somebody has who was just paged: an address, the page's origin, at most a token. Each leaf of the
//! decision tree that a service can show is built, and named first.

use std::str::FromStr as _;

use greenlight::lab::faults;
use orchestrate::faults::id::FaultId;

use crate::binary::{Ran, greenlight, ran, run};
use crate::relay::Relay;
use crate::service::{Service, VARIABLE};

/// A page that the reference service lets in.
const PAGE: &str = "http://localhost:3000";

async fn diagnosed(service: &Service, arguments: &[&str]) -> Ran {
    let url = service.url();
    let fixed = ["diagnose", &url, "--origin", PAGE];
    run(fixed.into_iter().chain(arguments.iter().copied())).await
}

/// The same with a token, the call that fails, and leave to make it.
async fn with_everything(service: &Service, arguments: &[&str]) -> Ran {
    let url = service.url();
    let fixed = ["diagnose", &url, "--origin", PAGE, "--token-env", VARIABLE];
    let call = ["--request", "POST /ai/orchestrate", "--allow", "paid"];
    let mut command = greenlight(fixed.into_iter().chain(call).chain(arguments.iter().copied()));
    command.env(VARIABLE, &service.token);
    ran(command).await
}

async fn broken(fault: &str) -> Service {
    Service::with(&[FaultId::from_str(fault).unwrap()]).await
}

/// The cause that the lab declares for a fault.
fn declared(fault: &str) -> &'static str {
    let fault = faults::all().find(|known| known.id == fault);
    fault.and_then(|fault| fault.cause).expect("the lab declares it")
}

/// The cause that is named first.
fn named(ran: &Ran) -> String {
    let report = ran.json();
    let first = &report["diagnoses"][0];
    first["cause"].as_str().unwrap_or("nothing").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_seen_with_an_address_and_an_origin_is_named_first() {
    for fault in [
        "cors-missing-everywhere",
        "origin-not-listed",
        "origin-fixed",
        "origin-sent-twice",
        "preflight-405",
        "preflight-requires-auth",
        "preflight-redirect",
        "cors-filter-raises",
        "authorization-not-allowed",
        "cors-missing-on-401",
        "origin-reflected",
        "auth-not-enforced",
        "health-unhealthy",
        "health-is-a-page",
        "route-bare",
    ] {
        let service = broken(fault).await;
        let ran = diagnosed(&service, &["--format", "json"]).await;
        assert_eq!(
            (ran.code, named(&ran).as_str()),
            (1, declared(fault)),
            "{fault}: {}",
            ran.err
        );
        assert_eq!(service.paid(), 0, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_good_call_shows_is_named_first_and_paid_once() {
    for fault in [
        "missing-await",
        "server-error-with-cors",
        "handler-outside-cors",
        "dropped-connection",
        "auth-crashes",
        "edge-html",
        "provider-not-configured",
        "good-token-refused",
        "stack-trace-leak",
    ] {
        let service = broken(fault).await;
        let ran = with_everything(&service, &["--format", "json"]).await;
        assert_eq!(
            (ran.code, named(&ran).as_str()),
            (1, declared(fault)),
            "{fault}: {}",
            ran.err
        );
        assert!(service.paid() <= 1, "{fault}: {} paid calls", service.paid());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_service_is_not_reproduced_and_the_next_command_is_told() {
    let service = Service::healthy().await;
    let blind = diagnosed(&service, &[]).await;
    assert_eq!(blind.code, 3, "{}", blind.out);
    assert!(
        blind
            .out
            .starts_with("NOT REPRODUCED  Nothing that was asked from here is wrong"),
        "{}",
        blind.out
    );
    let stopped = "every call with a credential may fail: POST /ai/orchestrate stopped at 401";
    assert!(blind.out.contains(stopped), "{}", blind.out);
    assert!(blind.out.contains("--token-prompt\n"), "{}", blind.out);
    assert_eq!(service.paid(), 0);
    let all = with_everything(&service, &[]).await;
    assert_eq!(all.code, 3, "{}", all.out);
    assert!(
        !all.out.contains("every call with a credential may fail"),
        "{}",
        all.out
    );
    // One call of the user's own: a transcription or a completion.
    assert_eq!(service.paid(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_leads_to_its_base_and_forty_requests_are_enough() {
    let service = Service::healthy().await;
    let relay = Relay::before(&service.url()).await;
    let url = format!("{}/ai/orchestrate", relay.url());
    let ran = run(["diagnose", &url, "--origin", PAGE, "--format", "json"]).await;
    let report = ran.json();
    assert_eq!(report["target"]["base"], relay.url());
    let sent = &report["sent"];
    let total: u64 = ["reads", "preflights", "inert", "paid", "writes", "hostile"]
        .iter()
        .map(|kind| sent[kind].as_u64().unwrap())
        .sum();
    // Who counts at the service comes to no more: what was asked of a page went elsewhere.
    assert!(
        relay.requests() as u64 <= total && total <= 40,
        "{} {sent}",
        relay.requests()
    );
    assert!(relay.requests() > 10, "{}", relay.requests());
    assert!(!report["hypotheses"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let ran = run(["diagnose", "http://127.0.0.1:9/api", "--origin", PAGE]).await;
    assert_ne!(ran.code, 0);
    assert!(ran.out.contains("nothing listens"), "{}", ran.out);
}

#[tokio::test]
async fn a_call_that_is_none_is_refused_before_anything_is_sent() {
    for call in ["", "POST", "/x", "POST x", "P0ST /x"] {
        let ran = run(["diagnose", "http://127.0.0.1:9", "--request", call]).await;
        assert_eq!(ran.code, 2, "{call}: {}", ran.err);
        assert!(
            ran.err.contains("next: write it as 'POST /summaries'"),
            "{}",
            ran.err
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_recording_is_judged_again_as_it_was_and_each_connection_is_its_own() {
    for faults in [&[][..], &[FaultId::MissingAwait]] {
        let service = Service::with(faults).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("incident.json");
        let file = file.to_str().unwrap();
        let live = with_everything(&service, &["--record", file, "--format", "json"]).await;
        let again = run(["replay", file, "--format", "json"]).await;
        assert_eq!((again.code, again.json()), (live.code, live.json()));

        let recording: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let list = |name: &str| recording[name].as_array().unwrap().clone();
        let ids: Vec<_> = list("connections")
            .iter()
            .map(|connection| connection["id"].clone())
            .collect();
        let distinct: std::collections::BTreeSet<_> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(distinct.len(), ids.len(), "{ids:?}");
        let carried = list("exchanges");
        let carried = carried
            .iter()
            .map(|exchange| &exchange["conn"])
            .filter(|conn| !conn.is_null());
        assert!(carried.clone().count() > 20 && carried.clone().all(|conn| ids.contains(conn)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_command_can_be_pasted_and_holds_no_token() {
    let service = Service::healthy().await;
    let printing = format!("echo {}", service.token);
    let call = ["--token-command", &printing, "--request", "GET /health?b=$(id)"];
    let healthy = diagnosed(&service, &call).await;
    assert_eq!(healthy.code, 3, "{}", healthy.out);
    let next = healthy.out.lines().find(|line| line.starts_with("next")).unwrap();
    assert!(
        next.contains("--request 'GET /health?b=$(id)' --token-command 'echo "),
        "{next}"
    );
    assert!(
        !format!("{}{}", healthy.out, healthy.err).contains(&service.token),
        "{next}"
    );
}

#[tokio::test]
async fn a_credential_that_stands_in_the_address_is_refused_before_anything_is_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/concierge-secret", listener.local_addr().unwrap());
    let mut command = greenlight(["diagnose", &url, "--token-env", VARIABLE]);
    command.env(VARIABLE, "concierge-secret");
    let refused = ran(command).await;
    assert_eq!(refused.code, 2, "{}", refused.out);
    let waiting = tokio::time::timeout(std::time::Duration::ZERO, listener.accept());
    assert!(waiting.await.is_err(), "something was sent");
}
