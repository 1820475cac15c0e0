//! In front of the service.

use std::time::Duration;

use orchestrate::faults::id::FaultId;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{accepted, has, readable_by, send, start, with};
use crate::support::{Service, header, start_with};

/// What is rejected gets past every edge fault.
async fn rejections_pass(service: &Service) {
    assert_eq!(
        send(service.request("POST", "/ai/orchestrate")).await.status(),
        401
    );
    assert_eq!(send(service.orchestrate(&json!({}))).await.status(), 400);
}

#[tokio::test]
async fn an_edge_answers_with_its_own_page() {
    let service = start(FaultId::EdgeHtml).await;
    let response = send(accepted(&service)).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "server")),
        (502, "nginx")
    );
    assert!(readable_by(&response).is_none() && !has(&response, "x-request-id") && !has(&response, "vary"));
    assert!(response.text().await.unwrap().contains("<center>nginx</center>"));
    rejections_pass(&service).await;
}

#[tokio::test]
async fn an_accepted_call_is_answered_too_late() {
    let mut settings = with(FaultId::Slow);
    settings.faults.delay = Duration::from_secs(3600);
    let service = start_with(settings).await;
    let error = accepted(&service)
        .timeout(Duration::from_millis(500))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    rejections_pass(&service).await;
}

#[tokio::test]
async fn an_accepted_call_ends_with_no_byte() {
    let service = start(FaultId::DroppedConnection).await;
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    let body = r#"{"text":"x"}"#;
    let request = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        service.token(),
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    rejections_pass(&service).await;
}
