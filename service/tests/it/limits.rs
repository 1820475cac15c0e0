//! What a caller may cost: how often it may ask, and how much at once. Every refusal can be read by a page.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::http::rate::Rate;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::{
    ALLOWED, Behaviour, Service, expect_problem, header, settings, start, start_bad_with, start_with,
};

fn rate(requests: u32) -> Option<Rate> {
    // An hour, so that nothing is given back while a test runs.
    Some(Rate {
        requests: NonZeroU32::new(requests).unwrap(),
        window: Duration::from_secs(3600),
    })
}

fn verify(service: &Service, subject: &str) -> reqwest::RequestBuilder {
    let token = mint(&service.settings.auth, &TokenRequest::access(subject)).unwrap();
    let request = service.request("GET", "/auth/verify").bearer_auth(token);
    request.header("origin", ALLOWED)
}

async fn limited(change: impl FnOnce(&mut Settings)) -> Service {
    let mut settings = settings();
    change(&mut settings);
    start_with(settings).await
}

#[tokio::test]
async fn a_credential_that_asks_too_often_is_told_so_where_its_page_can_read_it() {
    let service = limited(|settings| settings.limits.rate_per_credential = rate(2)).await;
    for remaining in ["1", "0"] {
        // Another token of the same subject is the same credential.
        let answer = verify(&service, "ana").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "ratelimit-remaining"), remaining);
        assert_eq!(header(&answer, "ratelimit-limit"), "2");
        let exposed = header(&answer, "access-control-expose-headers");
        for field in orchestrate::http::rate::FIELDS {
            assert!(exposed.contains(field), "{field} is in {exposed}");
        }
    }
    let refused = verify(&service, "ana").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "access-control-allow-origin"), ALLOWED);
    assert_eq!(header(&refused, "ratelimit-remaining"), "0");
    let wait: u64 = header(&refused, "retry-after").parse().unwrap();
    assert!((1..=1800).contains(&wait), "{wait}");
    expect_problem(verify(&service, "ana"), 429, "rate_limited").await;
    assert_eq!(verify(&service, "ben").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_refused_whatever_it_shows_and_health_is_not() {
    let service = limited(|settings| settings.limits.rate_per_peer = rate(2)).await;
    for subject in ["ana", "ben"] {
        assert_eq!(verify(&service, subject).send().await.unwrap().status(), 200);
    }
    expect_problem(verify(&service, "cleo"), 429, "rate_limited").await;
    expect_problem(service.request("GET", "/nowhere"), 429, "rate_limited").await;
    // Who says that it comes from elsewhere is not believed.
    let elsewhere = verify(&service, "dan").header("x-forwarded-for", "198.51.100.1");
    expect_problem(elsewhere, 429, "rate_limited").await;
    for _ in 0..5 {
        assert_eq!(
            service.request("GET", "/health").send().await.unwrap().status(),
            200
        );
        let preflight = service
            .request("OPTIONS", "/ai/orchestrate")
            .header("origin", ALLOWED)
            .header("access-control-request-method", "POST");
        assert_eq!(preflight.send().await.unwrap().status(), 204);
    }
}

#[tokio::test]
async fn behind_a_proxy_of_ours_each_client_is_counted_for_itself() {
    let service = limited(|settings| {
        settings.limits.rate_per_peer = rate(1);
        settings.limits.trusted_proxies.0 = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let from = |list: &str| verify(&service, "ana").header("x-forwarded-for", list);
    assert_eq!(from("198.51.100.1").send().await.unwrap().status(), 200);
    assert_eq!(from("198.51.100.2").send().await.unwrap().status(), 200);
    expect_problem(from("198.51.100.1"), 429, "rate_limited").await;
    expect_problem(from("203.0.113.5, 198.51.100.2"), 429, "rate_limited").await;
}

#[tokio::test]
async fn more_than_can_be_worked_on_waits_and_is_then_told_to_come_back() {
    let mut settings = settings();
    settings.limits.concurrency = 1;
    settings.limits.turn_deadline = Duration::from_millis(50);
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = start_bad_with(settings, Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let first = tokio::spawn(service.orchestrate(&json!({"text": "Quiet."})).send());
    arrived.notified().await;
    let refused = service
        .orchestrate(&json!({"text": "Quiet."}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "retry-after")),
        (503, "5")
    );
    assert_eq!(header(&refused, "access-control-allow-origin"), ALLOWED);
    expect_problem(service.request("GET", "/info"), 503, "too_busy").await;
    assert_eq!(
        service.request("GET", "/livez").send().await.unwrap().status(),
        200
    );
    go_on.notify_one();
    assert_eq!(
        first.await.unwrap().unwrap().status(),
        503,
        "what was let in is answered: its provider is out of credit"
    );
    assert_eq!(
        service.request("GET", "/info").send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn bodies_that_never_come_take_no_place_from_anybody() {
    let service = limited(|settings| settings.limits.concurrency = 1).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
        let head = "POST /api/v3/auth/refresh HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                    content-length: 10\r\nexpect: 100-continue\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        // Asked to go on, it is being waited for.
        let mut asked = [0; 25];
        socket.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        silent.push(socket);
    }
    for _ in 0..2 {
        let answer = service.orchestrate(&json!({"text": "Quiet."})).send().await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    let mut late = silent.pop().unwrap();
    late.write_all(b"{\"a\": 1.0}").await.unwrap();
    let mut answer = [0; 12];
    late.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 422", "what comes late is answered");
}

#[tokio::test]
async fn a_verification_of_a_deploy_is_not_limited_by_default() {
    let service = start().await;
    for _ in 0..400 {
        assert_eq!(verify(&service, "ana").send().await.unwrap().status(), 200);
    }
}
