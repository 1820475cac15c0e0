//! Connections that stand still, and what they cost us.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Service, header, settings, start, start_with};

/// A service that loses patience within the time of a test.
async fn impatient() -> Service {
    let mut settings = settings();
    settings.limits.idle = Duration::from_millis(50);
    settings.limits.work_deadline = Duration::from_millis(50);
    settings.limits.body_deadline = Duration::from_millis(100);
    start_with(settings).await
}

/// Sends bytes, then nothing more, and reads to the end, which must come.
async fn stall(service: &Service, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(20), socket.read_to_end(&mut answer)).await;
    assert!(end.is_ok(), "still waited for");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_client_that_stops_in_the_middle_of_a_request_is_not_waited_for() {
    let service = impatient().await;
    for half in [
        "",
        "G",
        "GET /api/v3/health HTTP/1.1\r\nhost",
        "GET /api/v3/health HTTP/1.1\r\nhost: x\r\n",
    ] {
        assert_eq!(stall(&service, half.as_bytes()).await, "", "{half:?}");
    }
}

#[tokio::test]
async fn a_body_that_never_arrives_is_408() {
    let mut settings = settings();
    settings.limits.body_deadline = Duration::from_millis(100);
    let service = start_with(settings).await;
    let head = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"text\"",
        service.token()
    );
    let answer = stall(&service, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("body_too_slow"), "{answer}");
}

#[tokio::test]
async fn who_waits_for_memory_that_others_hold_is_told_to_come_again_and_not_that_it_was_slow() {
    let mut settings = settings();
    settings.limits.bytes_in_flight = settings.limits.body_bytes;
    settings.limits.turn_deadline = Duration::from_millis(50);
    // Had its own time begun, it would be over.
    settings.limits.body_deadline = Duration::from_millis(20_000);
    let bytes = settings.limits.body_bytes;
    let service = start_with(settings).await;
    let mut first = TcpStream::connect(service.running.address()).await.unwrap();
    let head = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: {bytes}\r\n\r\n",
        service.token()
    );
    first.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 12];
    first.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100", "it holds all the memory there is");
    let body = serde_json::json!({ "text": "The kitchen closes at ten." });
    let busy = service.orchestrate(&body).send().await.unwrap();
    assert_eq!((busy.status().as_u16(), header(&busy, "retry-after")), (503, "5"));
    assert_eq!(
        busy.json::<serde_json::Value>().await.unwrap()["code"],
        "too_busy"
    );
    // Whoever gives up gives its memory back.
    drop(first);
    for turn in 0.. {
        let status = service.orchestrate(&body).send().await.unwrap().status();
        if status == 200 {
            break;
        }
        assert!(turn < 100, "{status}: the memory was never given back");
    }
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_is_refused_before_it_sends() {
    let service = start().await;
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    let head = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: 99999999\r\n\r\n",
        service.token()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    socket.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 413");
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let service = start().await;
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    for _ in 0..3 {
        socket
            .write_all(b"HEAD /api/v3/health HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let byte = socket.read_u8().await.unwrap();
            answer.push(byte);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}

/// Sends a whole upload before it reads anything, as browsers do, and gives the status line that it then reads.
async fn upload(service: &Service, token: &str, bytes: usize) -> String {
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    let head = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {bytes}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..bytes >> 20 {
        socket
            .write_all(&chunk)
            .await
            .expect("cut off while it was sending");
    }
    let mut line = [0; 12];
    socket.read_exact(&mut line).await.expect("the answer was lost");
    String::from_utf8(line.to_vec()).unwrap()
}

#[tokio::test]
async fn an_upload_that_is_refused_may_finish_and_reads_its_answer() {
    let service = start().await;
    assert_eq!(upload(&service, "garbage", 24 << 20).await, "HTTP/1.1 401");
    assert_eq!(upload(&service, &service.token(), 48 << 20).await, "HTTP/1.1 413");
}
