//! HTTP itself, time and names.

use orchestrate::faults::id::FaultId;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{body, has, send, start, with};
use crate::support::{header, start_with};

async fn asked(fault: FaultId, method: &str, path: &str) -> reqwest::Response {
    send(start(fault).await.request(method, path)).await
}

#[tokio::test]
async fn methods_do_what_they_should_not() {
    let put = asked(FaultId::MethodAccepted, "PUT", "/ai/orchestrate").await;
    assert_eq!(put.status(), 200);
    let refused = asked(FaultId::AllowMissing, "PUT", "/health").await;
    assert!(refused.status() == 405 && !has(&refused, "allow"));
    assert_eq!(asked(FaultId::HeadDiffers, "HEAD", "/health").await.status(), 404);
    let echo = asked(FaultId::TraceEchoes, "TRACE", "/health").await;
    assert_eq!(header(&echo, "content-type"), "message/http");
    let service = start(FaultId::GetHasEffects).await;
    let get = service
        .request("GET", "/ai/orchestrate")
        .bearer_auth(service.token());
    assert_eq!(send(get.json(&json!({"text": "Fish."}))).await.status(), 200);
}

#[tokio::test]
async fn errors_contradict_themselves() {
    let success = body(start(FaultId::ErrorAs200).await.orchestrate(&json!({"text": 7}))).await;
    assert_eq!(success["success"], false);
    let refused = send(
        start(FaultId::ProblemMalformed)
            .await
            .orchestrate(&json!({"text": 7})),
    )
    .await;
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.json::<Value>().await.unwrap()["status"], 500);
    let service = start_with(orchestrate::config::Settings {
        faults: [FaultId::UpstreamDown, FaultId::RetryAfterBad]
            .into_iter()
            .collect(),
        ..with(FaultId::UpstreamDown)
    })
    .await;
    let down = send(service.orchestrate(&json!({"text": "Fish."}))).await;
    assert_eq!(header(&down, "retry-after"), "in a moment");
}

#[tokio::test]
async fn names_of_requests_are_lost_shared_or_taken_as_they_are() {
    assert!(!has(
        &asked(FaultId::RequestIdMissing, "GET", "/health").await,
        "x-request-id"
    ));
    let constant = asked(FaultId::RequestIdConstant, "GET", "/health").await;
    assert!(header(&constant, "x-request-id").starts_with("00000000"));
    let odd = "<b>mine</b>";
    let service = start(FaultId::RequestIdUnchecked).await;
    let echoed = send(service.request("GET", "/health").header("x-request-id", odd)).await;
    assert_eq!(header(&echoed, "x-request-id"), odd);
    let service = start(FaultId::TraceparentCrash).await;
    let traced = service.request("GET", "/health");
    assert_eq!(send(traced.header("traceparent", "00-zz")).await.status(), 500);
}

#[tokio::test]
async fn times_limits_and_letters_are_wrong() {
    let limited = asked(FaultId::RateLimitLies, "GET", "/health").await;
    assert_eq!(header(&limited, "x-ratelimit-remaining"), "60");
    let naive = body(start(FaultId::TimeNaive).await.request("GET", "/health")).await;
    assert!(!naive["timestamp"].as_str().unwrap().ends_with('Z'));
    let late = body(start(FaultId::ClockOff).await.request("GET", "/health")).await;
    let said: jiff::Timestamp = late["timestamp"].as_str().unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(said) > jiff::SignedDuration::from_mins(9));
    let service = start(FaultId::JsonLatin1).await;
    let bytes = send(service.orchestrate(&json!({"text": "Cr\u{e8}me."})))
        .await
        .bytes()
        .await
        .unwrap();
    assert!(std::str::from_utf8(&bytes).is_err());
}

#[tokio::test]
async fn no_content_says_how_long_it_is() {
    let service = start(FaultId::NoContentWithLength).await;
    let mut stream = TcpStream::connect(service.running.address()).await.unwrap();
    let request = b"OPTIONS /api/v3/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(
        text.starts_with("HTTP/1.1 204 ") && text.contains("content-length: 2\r\n"),
        "{text}"
    );
}
