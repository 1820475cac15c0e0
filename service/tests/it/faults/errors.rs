//! Errors of the server itself, and of the AI provider.

use orchestrate::faults::id::FaultId;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{
    KITCHEN, TERRACE, accepted, accepted_from, body, clip, has, preflight, readable_by, send, start,
};
use crate::support::{ALLOWED, header};

#[tokio::test]
async fn missing_await_is_a_bare_500_outside_of_every_layer() {
    let service = start(FaultId::MissingAwait).await;
    for request in [accepted(&service), service.orchestrate(&json!({}))] {
        let response = send(request).await;
        assert_eq!(response.status(), 500);
        assert_eq!(header(&response, "content-type"), "text/plain; charset=utf-8");
        for name in [
            "access-control-allow-origin",
            "vary",
            "x-request-id",
            "x-app-version",
            "x-instance-id",
        ] {
            assert!(!has(&response, name), "{name} survived");
        }
        assert_eq!(response.text().await.unwrap(), "Internal Server Error");
    }
    let spared = send(service.orchestrate(&json!({"text": 1}))).await;
    assert_eq!(
        (spared.status().as_u16(), readable_by(&spared)),
        (422, Some(ALLOWED))
    );
    assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
    assert_eq!(send(preflight(&service, ALLOWED)).await.status(), 204);
}

#[tokio::test]
async fn missing_await_closes_the_connection_without_saying_so() {
    let service = start(FaultId::MissingAwait).await;
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    let body = r#"{"text":"x"}"#;
    let request = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        service.token(),
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // To the end: the server closes, or this never returns.
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.ends_with("Internal Server Error"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("connection:"), "{answer}");
}

#[tokio::test]
async fn a_server_error_with_cors_can_be_read() {
    let service = start(FaultId::ServerErrorWithCors).await;
    let response = send(accepted(&service)).await;
    assert_eq!(
        (response.status().as_u16(), readable_by(&response)),
        (500, Some(ALLOWED))
    );
    assert_eq!(
        response.json::<serde_json::Value>().await.unwrap()["code"],
        "internal_error"
    );
}

#[tokio::test]
async fn the_error_handler_echoes_any_origin_but_only_on_500() {
    let service = start(FaultId::ErrorHandlerEchoesOrigin).await;
    let evil = "https://evil.example";
    let response = send(accepted_from(&service, evil)).await;
    assert_eq!(
        (response.status().as_u16(), readable_by(&response)),
        (500, Some(evil))
    );
    assert_eq!(header(&response, "access-control-allow-credentials"), "true");
    let health = send(service.request("GET", "/health").header("origin", evil)).await;
    assert_eq!(readable_by(&health), None);
    assert_eq!(send(preflight(&service, evil)).await.status(), 403);
}

#[tokio::test]
async fn a_500_shows_a_stack_trace() {
    let service = start(FaultId::StackTraceLeak).await;
    let problem = body(accepted(&service)).await;
    assert_eq!(problem["status"], 500);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .starts_with("Traceback (most recent call last)")
    );
}

#[tokio::test]
async fn malformed_base64_crashes_and_nothing_else_does() {
    let service = start(FaultId::Base64Crash).await;
    let malformed = send(service.orchestrate(&json!({"audio_file": "not base64!"}))).await;
    assert_eq!(
        (malformed.status().as_u16(), readable_by(&malformed)),
        (500, Some(ALLOWED))
    );
    assert_eq!(
        send(service.orchestrate(&json!({"audio_file": "SGVsbG8="})))
            .await
            .status(),
        400
    );
    assert_eq!(send(clip(&service, KITCHEN)).await.status(), 200);
}

#[tokio::test]
async fn a_limited_provider_becomes_a_500() {
    let service = start(FaultId::Upstream429As500).await;
    let response = send(accepted(&service)).await;
    assert_eq!(
        (response.status().as_u16(), readable_by(&response)),
        (500, Some(ALLOWED))
    );
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_down() {
    let service = start(FaultId::UpstreamDown).await;
    let response = send(accepted(&service)).await;
    assert_eq!(response.status(), 503);
    assert!(has(&response, "retry-after"));
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "provider_unavailable");
    assert_eq!(send(service.request("GET", "/ai/health")).await.status(), 503);
    assert_eq!(send(service.request("GET", "/health")).await.status(), 503);
    assert_eq!(send(service.request("GET", "/ready")).await.status(), 200);
}

#[tokio::test]
async fn transcripts_are_empty() {
    let service = start(FaultId::EmptyTranscript).await;
    assert_eq!(
        body(clip(&service, KITCHEN)).await["results"]["transcription"]["text"],
        ""
    );
}

#[tokio::test]
async fn transcripts_ignore_the_audio() {
    let service = start(FaultId::CannedTranscript).await;
    let (one, other) = (
        body(clip(&service, KITCHEN)).await,
        body(clip(&service, TERRACE)).await,
    );
    let text = |answer: &serde_json::Value| answer["results"]["transcription"]["text"].clone();
    assert!(text(&one).as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(text(&one), text(&other));
}
