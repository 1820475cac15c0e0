//! `diagnose` of a service that sleeps: whoever comes first is held or told that nobody is there, and what is said in the end
//! is that it woke, not that it is down.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::binary::{Ran, run};
use crate::service::Service;

/// What a platform does with whoever comes while the service sleeps.
#[derive(Clone, Copy)]
enum Asleep {
    /// It accepts the connection, and holds it.
    Holds,
    /// It says that nobody is there for now.
    Refuses,
}

/// A platform in front of a service that wakes so long after somebody first came.
async fn platform(service: &Service, asleep: Asleep, takes: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = service.url();
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (host, path) = (host.to_owned(), path.to_owned());
    let here = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut wakes = None;
        while let Ok((client, _)) = listener.accept().await {
            let wakes = *wakes.get_or_insert_with(|| Instant::now() + takes);
            tokio::spawn(carried(client, host.clone(), asleep, wakes));
        }
    });
    format!("http://{here}/{path}")
}

async fn carried(mut client: TcpStream, service: String, asleep: Asleep, wakes: Instant) {
    match asleep {
        Asleep::Holds => tokio::time::sleep_until(wakes).await,
        Asleep::Refuses if Instant::now() < wakes => {
            let _ = client.read(&mut [0; 4_096]).await;
            let page = "<html><title>503 Service Unavailable</title></html>";
            let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{page}", page.len());
            let _ = client.write_all(answer.as_bytes()).await;
            return;
        }
        Asleep::Refuses => {}
    }
    if let Ok(mut service) = TcpStream::connect(service).await {
        let _ = copy_bidirectional(&mut client, &mut service).await;
    }
}

/// A page that the service admits, and that nobody serves.
const PAGE: &str = "http://localhost:3000";

async fn diagnosed(url: &str, origin: &str) -> (Ran, Duration) {
    let begun = Instant::now();
    let ran = run(["diagnose", url, "--origin", origin, "--format", "json"]).await;
    (ran, begun.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_wakes_within_the_bound_is_said_to_have_woken_and_after_how_long() {
    let service = Service::healthy().await;
    let held = platform(&service, Asleep::Holds, Duration::from_secs(20)).await;
    let refused = platform(&service, Asleep::Refuses, Duration::from_secs(4)).await;
    let ((held, took), (refused, _)) = tokio::join!(diagnosed(&held, PAGE), diagnosed(&refused, PAGE));
    for (ran, says) in [(&held, "it woke after 20 s"), (&refused, "it woke after 6 s")] {
        let report = ran.json();
        assert_eq!(report["diagnoses"][0]["cause"], "cold-start", "{}", ran.out);
        let headline = report["headline"].as_str().unwrap();
        assert!(headline.contains(says), "{headline}");
        assert_eq!(ran.code, 1, "{headline}");
        let mut checks = report["checks"].as_array().unwrap().iter();
        let answers = checks.find(|check| check["check"] == "reach/answers").unwrap();
        assert_eq!(answers["outcome"], "pass", "it is judged awake: {}", ran.out);
    }
    // Long before the first request is over, and long before it wakes.
    let says = "so far  GET /api/v3/health has not answered for ";
    let waited = held.err.lines().next().and_then(|line| line.strip_prefix(says));
    assert!(
        waited.is_some_and(|waited| waited.len() == "2.5 s".len()),
        "{}",
        held.err
    );
    assert_eq!(
        refused.err.lines().next(),
        Some("so far  GET /api/v3/health got HTTP 503")
    );
    assert!(took < Duration::from_secs(31), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_never_wakes_is_silent_and_said_to_be_so_within_the_bound() {
    let service = Service::healthy().await;
    let never = platform(&service, Asleep::Holds, Duration::from_secs(600)).await;
    // Its page may sleep as well.
    let page = platform(&service, Asleep::Holds, Duration::from_secs(600)).await;
    let page = page.strip_suffix("/api/v3").unwrap();
    let (alone, both) = tokio::join!(diagnosed(&never, PAGE), diagnosed(&never, page));
    for (ran, took) in [alone, both] {
        let report = ran.json();
        assert_eq!(report["diagnoses"][0]["cause"], "unreachable", "{}", ran.out);
        let headline = report["headline"].as_str().unwrap();
        assert!(headline.contains("does not answer in time"), "{headline}");
        let mut checks = report["checks"].as_array().unwrap().iter();
        let answers = checks.find(|check| check["check"] == "reach/answers").unwrap();
        assert_eq!(
            answers["outcome"], "fail",
            "the last look came to its end: {}",
            ran.out
        );
        assert_eq!(ran.code, 1, "{headline}");
        assert!(took < Duration::from_secs(31), "{took:?}");
    }
}
