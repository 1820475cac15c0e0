//! Stopping: requests in flight finish, whoever was connecting is still answered, and the port is free afterwards.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::binary::Binary;
use crate::contract::objections;
use crate::support::{Behaviour, Service, settings, start_bad, start_bad_with, start_with};

const READY: &str = "GET /api/v3/ready HTTP/1.1\r\nhost: x\r\n\r\n";
const LIVEZ: &str = "GET /api/v3/livez HTTP/1.1\r\nhost: x\r\n\r\n";

/// A request that is worked on.
fn orchestrate(token: &str) -> String {
    let body = json!({"text": "Good fish."}).to_string();
    format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        token.trim(),
        body.len()
    )
}

/// Sends a request, and reads a whole answer: its head and as much body as that says.
async fn exchange(socket: &mut TcpStream, request: &str) -> io::Result<String> {
    socket.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(socket.read_u8().await?);
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    socket.read_exact(&mut body).await?;
    Ok(head + std::str::from_utf8(&body).unwrap())
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_service_stops() {
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = start_bad(Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let address = service.running.address();
    let in_flight = tokio::spawn(service.orchestrate(&json!({"text": "Good fish."})).send());
    arrived.notified().await;
    let stopping = tokio::spawn(service.running.shutdown());
    // The listener closes first: that is how the stop is seen to have begun.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    assert_eq!(in_flight.await.unwrap().unwrap().status(), 503);
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn work_whose_client_went_away_is_done_before_the_service_stops() {
    let mut settings = settings();
    settings.limits.linger = Duration::ZERO;
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = start_bad_with(settings, Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let mut socket = TcpStream::connect(service.running.address()).await.unwrap();
    let request = orchestrate(&service.token());
    socket.write_all(request.as_bytes()).await.unwrap();
    arrived.notified().await;
    // Not closed, but reset: that it is gone is seen at once.
    socket2::SockRef::from(&socket)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(socket);
    let mut stopping = tokio::spawn(service.running.shutdown());
    let early = tokio::time::timeout(Duration::from_secs(2), &mut stopping).await;
    assert!(early.is_err(), "it stopped, and the work came to nothing");
    go_on.notify_one();
    stopping.await.unwrap().unwrap();
}

/// A service that waits long for those who are connected.
async fn lingering() -> Service {
    let mut settings = settings();
    settings.limits.linger = Duration::from_secs(120);
    start_with(settings).await
}

#[tokio::test]
async fn whoever_is_connected_is_still_answered_and_told_that_it_is_the_last_time() {
    let service = lingering().await;
    let address = service.running.address();
    let mut probe = TcpStream::connect(address).await.unwrap();
    let mut used = TcpStream::connect(address).await.unwrap();
    let mut silent = TcpStream::connect(address).await.unwrap();
    let before = exchange(&mut used, LIVEZ).await.unwrap();
    assert!(
        before.starts_with("HTTP/1.1 200") && !before.contains("connection: close"),
        "{before}"
    );
    let stopping = tokio::spawn(service.running.shutdown());
    let unready = loop {
        let answer = exchange(&mut probe, READY).await.unwrap();
        if answer.starts_with("HTTP/1.1 503") {
            break answer;
        }
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    assert!(unready.contains("connection: close"), "{unready}");
    let body = unready.split_once("\r\n\r\n").unwrap().1;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&body["status"], &body["stopping"]),
        (&json!("not_ready"), &json!(true)),
        "{unready}"
    );
    assert_eq!(objections("ready", 503, &body), Vec::<String>::new());
    for socket in [&mut used, &mut silent] {
        let answer = exchange(socket, LIVEZ).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"),
            "{answer}"
        );
        assert_eq!(socket.read(&mut [0]).await.unwrap(), 0, "the connection goes on");
    }
    // Nobody is left to wait for, so the time to linger is not waited for either.
    let stopped = tokio::time::timeout(Duration::from_secs(60), stopping).await;
    stopped.expect("it lingers").unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn whoever_has_not_spoken_yet_when_the_listener_closes_may_speak() {
    let mut settings = settings();
    settings.limits.linger = Duration::from_secs(3);
    let service = start_with(settings).await;
    let address = service.running.address();
    let mut silent = TcpStream::connect(address).await.unwrap();
    let stopping = tokio::spawn(service.running.shutdown());
    // While the listener closes a connection is neither made nor refused; once it has, it is refused.
    let refused = |attempt: &Result<io::Result<TcpStream>, _>| matches!(attempt, Ok(Err(_)));
    while !refused(&tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(address)).await) {
        tokio::task::yield_now().await;
    }
    let answer = exchange(&mut silent, LIVEZ).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_connection_that_nobody_uses_keeps_no_service_from_stopping() {
    let mut settings = settings();
    settings.limits.linger = Duration::from_millis(50);
    settings.limits.shutdown_grace = Duration::from_secs(3600);
    let service = start_with(settings).await;
    let mut unused = TcpStream::connect(service.running.address()).await.unwrap();
    let mut kept = TcpStream::connect(service.running.address()).await.unwrap();
    exchange(&mut kept, LIVEZ).await.unwrap();
    service.running.shutdown().await.unwrap();
    for socket in [&mut unused, &mut kept] {
        assert_eq!(socket.read(&mut [0]).await.unwrap_or(0), 0);
    }
}

/// How a client ended, and how often it was answered.
async fn client(
    address: SocketAddr,
    request: &str,
    keeps: bool,
    answered: &AtomicUsize,
) -> Result<(), String> {
    'connections: loop {
        let Ok(mut socket) = TcpStream::connect(address).await else {
            return Ok(());
        };
        loop {
            let answer = exchange(&mut socket, request)
                .await
                .map_err(|error| error.to_string())?;
            if !answer.starts_with("HTTP/1.1 200") {
                return Err(answer);
            }
            answered.fetch_add(1, Ordering::SeqCst);
            if !keeps || answer.contains("connection: close") {
                continue 'connections;
            }
        }
    }
}

#[tokio::test]
async fn under_load_a_signal_drops_no_request_of_a_connection_that_was_accepted() {
    let binary = Binary::start(&[], &[("RUST_LOG", "off")]);
    let token = std::process::Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["token", "--dev"])
        .env_clear()
        .output()
        .unwrap();
    let token = String::from_utf8(token.stdout).unwrap();
    let work = orchestrate(&token);
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..12)
        .map(|number| {
            let (address, answered) = (binary.address, answered.clone());
            let request = if number % 3 == 0 {
                work.clone()
            } else {
                LIVEZ.to_owned()
            };
            tokio::spawn(async move { client(address, &request, number % 2 == 0, &answered).await })
        })
        .collect();
    while answered.load(Ordering::SeqCst) < 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    binary.signal("TERM");
    for client in clients {
        let ended = tokio::time::timeout(Duration::from_secs(120), client).await;
        assert_eq!(
            ended.expect("it goes on").unwrap(),
            Ok(()),
            "a request was dropped"
        );
    }
    let (status, said) = tokio::task::spawn_blocking(|| binary.end()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{said:?}");
}

/// A request is accepted once its head is read, also if its body comes later than the signal.
#[tokio::test]
async fn an_upload_that_had_begun_is_read_to_its_end_and_answered() {
    let service = lingering().await;
    let address = service.running.address();
    let body = json!({"text": format!("Good fish.{}", " ".repeat(60_000))}).to_string();
    let (first, rest) = body.split_at(body.len() / 2);
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        service.token(),
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut leave = [0; 25];
    socket.read_exact(&mut leave).await.unwrap();
    assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n", "it is being read");
    socket.write_all(first.as_bytes()).await.unwrap();
    let mut probe = TcpStream::connect(address).await.unwrap();
    exchange(&mut probe, LIVEZ).await.unwrap();
    let stopping = tokio::spawn(service.running.shutdown());
    // Once it says so, it has been told to stop.
    while !exchange(&mut probe, READY)
        .await
        .unwrap()
        .starts_with("HTTP/1.1 503")
    {}
    let answer = exchange(&mut socket, rest).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"),
        "{answer}"
    );
    stopping.await.unwrap().unwrap();
}

#[test]
fn a_second_signal_ends_it_at_once() {
    use std::io::Write;

    let binary = Binary::start(&[], &[]);
    // A request whose body never comes is in flight for a minute.
    let mut socket = std::net::TcpStream::connect(binary.address).unwrap();
    socket
        .write_all(b"POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
        .unwrap();
    binary.signal("TERM");
    while !binary
        .line()
        .expect("it ended by one signal")
        .contains("stopping")
    {}
    binary.signal("TERM");
    let (status, said) = binary.end();
    assert_eq!(status.code(), Some(1), "{said:?}");
    assert!(said.iter().any(|line| line.contains("second signal")), "{said:?}");
}
