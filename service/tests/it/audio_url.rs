//! Recordings that are only named: fetched from where they may be, and from nowhere else.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use orchestrate::domain::fetch::{Fetch, FetchError, FetchPolicy};
use orchestrate::providers::fetch::Fetcher;
use orchestrate::providers::fetch::names::Names;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Service, expect_problem, json as read, settings, start_with};

const KITCHEN: &[u8] = include_bytes!("../../../scenarios/samples/kitchen.wav");

/// As in production, but for the one address on which a test may listen.
fn policy() -> FetchPolicy {
    FetchPolicy {
        plain_http: true,
        ports: None,
        inner: vec!["127.0.0.1/32".parse().unwrap()],
        ..FetchPolicy::default()
    }
}

async fn service() -> Service {
    let mut settings = settings();
    settings.fetch = policy();
    start_with(settings).await
}

async fn refused(service: &Service, url: &str, code: &str) -> Value {
    let status = if code == "audio_url_too_large" { 413 } else { 400 };
    expect_problem(service.orchestrate(&json!({"audio_url": url})), status, code).await
}

/// A server that has something at one path.
async fn serving(at: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let mock = Mock::given(path(at)).respond_with(answer);
    mock.mount(&server).await;
    server
}

fn redirect(to: &str) -> ResponseTemplate {
    ResponseTemplate::new(302).insert_header("location", to)
}

/// Names as a test wants them: one list of addresses after the other, and the last one for ever.
struct Told(Mutex<VecDeque<Vec<IpAddr>>>);

impl Told {
    fn these(answers: &[&[Ipv4Addr]]) -> Arc<Self> {
        let list = |addresses: &&[Ipv4Addr]| addresses.iter().map(|address| IpAddr::V4(*address)).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(list).collect())))
    }
}

impl Names for Told {
    fn addresses(&self, _: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let mut left = self.0.lock().unwrap();
        let next = if left.len() > 1 {
            left.pop_front()
        } else {
            left.front().cloned()
        };
        async move { next.ok_or_else(|| std::io::ErrorKind::NotFound.into()) }.boxed()
    }
}

const LOCAL: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Loopback too, and not allowed.
const INNER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A listener that counts who connects to it.
async fn trap(address: SocketAddr) -> Arc<AtomicUsize> {
    let listener = TcpListener::bind(address).await.unwrap();
    let caught = Arc::new(AtomicUsize::new(0));
    let count = caught.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    caught
}

#[tokio::test]
async fn a_recording_is_fetched_and_its_words_are_answered() {
    let service = service().await;
    let server = serving(
        "/kitchen",
        ResponseTemplate::new(200).set_body_raw(KITCHEN, "text/html"),
    )
    .await;
    let asked =
        json!({"audio_url": format!("{}/kitchen", server.uri()), "entity_id": "e1", "language": "en"});
    let (status, answer) = read(service.orchestrate(&asked).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["workflow"], "audio_only");
    let results = &answer["results"];
    assert_eq!(results["transcription"]["text"], "The kitchen closes at ten.");
    assert_eq!(results["entity_id"], "e1");
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    for name in ["authorization", "cookie", "referer", "origin"] {
        assert!(!requests[0].headers.contains_key(name), "{name} was sent along");
    }
}

#[tokio::test]
async fn redirects_are_followed_a_few_times() {
    let service = service().await;
    let server = serving("/kitchen", ResponseTemplate::new(200).set_body_bytes(KITCHEN)).await;
    for (from, to) in [
        ("/1", "/kitchen"),
        ("/2", "1"),
        ("/3", "2"),
        ("/4", "3"),
        ("/ring", "/ring"),
    ] {
        Mock::given(path(from))
            .respond_with(redirect(to))
            .mount(&server)
            .await;
    }
    let three = json!({"audio_url": format!("{}/3", server.uri())});
    assert_eq!(service.orchestrate(&three).send().await.unwrap().status(), 200);
    for at in ["/4", "/ring"] {
        refused(&service, &format!("{}{at}", server.uri()), "audio_url_redirects").await;
    }
}

#[tokio::test]
async fn a_redirect_to_where_nothing_is_fetched_is_not_followed() {
    let service = service().await;
    let server = MockServer::start().await;
    let port = server.address().port();
    let caught = trap(SocketAddr::from((INNER, port))).await;
    for (at, to) in [
        ("/inner", format!("http://{INNER}:{port}/")),
        ("/number", format!("http://2130706434:{port}/")),
        ("/six", format!("http://[::ffff:127.0.0.2]:{port}/")),
        ("/metadata", "http://169.254.169.254/latest/meta-data/".to_owned()),
        ("/user", format!("http://user@127.0.0.1:{port}/")),
        ("/file", "file:///etc/passwd".to_owned()),
        ("/relative", format!("//{INNER}:{port}/")),
    ] {
        Mock::given(path(at))
            .respond_with(redirect(&to))
            .mount(&server)
            .await;
        let problem = refused(&service, &format!("{}{at}", server.uri()), "audio_url_forbidden").await;
        assert!(!problem["detail"].as_str().unwrap().contains("127"), "{problem}");
    }
    assert_eq!(caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_a_policy_of_its_own_a_service_fetches_nothing_from_inside() {
    let service = start_with(settings()).await;
    let port = service.running.address().port();
    for url in [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://169.254.169.254/",
    ] {
        refused(&service, url, "audio_url_forbidden").await;
    }
    refused(
        &service,
        &format!("https://example.com:{port}/"),
        "audio_url_forbidden",
    )
    .await;
    refused(
        &service,
        &format!("http://127.0.0.1:{port}/"),
        "audio_url_invalid",
    )
    .await;
    // A name is known to lead inside once it is looked up; neither that nor what listens there is told.
    refused(&service, "https://localhost/", "audio_url_unreachable").await;
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_bytes(KITCHEN))
        .mount(&server)
        .await;
    let port = server.address().port();
    let caught = trap(SocketAddr::from((INNER, port))).await;
    let url = format!("http://recordings.example:{port}/");
    let inside = Fetcher::with_names(policy(), Told::these(&[&[INNER]]));
    assert_eq!(inside.fetch(url.clone()).await, Err(FetchError::Unreachable));
    let unknown = Fetcher::with_names(policy(), Told::these(&[]));
    assert_eq!(unknown.fetch(url.clone()).await, Err(FetchError::Unreachable));
    let both = Fetcher::with_names(policy(), Told::these(&[&[INNER, LOCAL]]));
    assert_eq!(both.fetch(url).await.unwrap(), KITCHEN);
    assert_eq!(caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_answers_otherwise_the_second_time_wins_nothing() {
    let server = serving("/again", redirect("/again-again")).await;
    let port = server.address().port();
    let caught = trap(SocketAddr::from((INNER, port))).await;
    let rebound = Fetcher::with_names(policy(), Told::these(&[&[LOCAL], &[INNER]]));
    let url = format!("http://recordings.example:{port}/again");
    assert_eq!(rebound.fetch(url).await, Err(FetchError::Unreachable));
    assert_eq!(
        server.received_requests().await.unwrap().len(),
        1,
        "the first address was fetched"
    );
    assert_eq!(caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_that_is_no_recording_is_told_from_one_that_is() {
    let service = service().await;
    let server = MockServer::start().await;
    for (at, answer) in [
        ("/gone", ResponseTemplate::new(404)),
        ("/down", ResponseTemplate::new(503)),
        ("/odd", ResponseTemplate::new(304)),
        ("/nowhere", ResponseTemplate::new(301)),
        (
            "/page",
            ResponseTemplate::new(200).set_body_raw("<html>", "audio/wav"),
        ),
        (
            "/half",
            ResponseTemplate::new(200).set_body_bytes(&KITCHEN[..9_000]),
        ),
        ("/none", ResponseTemplate::new(200)),
    ] {
        Mock::given(path(at)).respond_with(answer).mount(&server).await;
    }
    for (at, code) in [
        ("/gone", "audio_url_refused"),
        ("/down", "audio_url_refused"),
        ("/odd", "audio_url_refused"),
        ("/nowhere", "audio_url_refused"),
        ("/page", "audio_format_unknown"),
        ("/half", "audio_truncated"),
        ("/none", "audio_empty"),
    ] {
        refused(&service, &format!("{}{at}", server.uri()), code).await;
    }
    let free = TcpListener::bind((LOCAL, 0)).await.unwrap().local_addr().unwrap();
    refused(&service, &format!("http://{free}/"), "audio_url_unreachable").await;
}

/// A server that says its piece to everybody, a part at a time, and waits to be told before it ends.
async fn speaking(parts: &'static [&'static [u8]]) -> (String, Arc<Notify>) {
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let over = Arc::new(Notify::new());
    let told = over.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(speak(stream, parts, told.clone()));
        }
    });
    (url, over)
}

async fn speak(mut stream: TcpStream, parts: &[&[u8]], over: Arc<Notify>) {
    let mut heard = [0; 1_024];
    let _ = stream.read(&mut heard).await;
    for part in parts {
        if stream.write_all(part).await.is_err() {
            return;
        }
    }
    over.notified().await;
}

#[tokio::test]
async fn what_drips_or_never_answers_is_given_up() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    let quick = FetchPolicy {
        deadline: Duration::from_millis(200),
        ..policy()
    };
    const PIECES: [&[&[u8]]; 3] = [&[], &[b"HTTP/1.1 200 OK\r\n"], &[HEAD, b"RIFF"]];
    for parts in PIECES {
        let (url, _over) = speaking(parts).await;
        assert_eq!(
            Fetcher::new(quick.clone()).fetch(url).await,
            Err(FetchError::TooSlow)
        );
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_not_taken_for_a_whole_one() {
    let (url, over) = speaking(&[b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nRIFF"]).await;
    over.notify_one();
    assert_eq!(
        Fetcher::new(policy()).fetch(url).await,
        Err(FetchError::Unreachable)
    );
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read_or_while_it_is() {
    const DECLARED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4000000000\r\n\r\n";
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n\
        ................................................................\r\n";
    let small = FetchPolicy {
        most_bytes: 60,
        ..policy()
    };
    for part in [DECLARED, ENDLESS] {
        // Nobody ends it: the answer comes all the same.
        let parts: &'static [&'static [u8]] = Vec::leak(vec![part]);
        let (url, _over) = speaking(parts).await;
        assert_eq!(
            Fetcher::new(small.clone()).fetch(url).await,
            Err(FetchError::TooLarge)
        );
    }
    let service = service().await;
    let (url, _over) = speaking(&[DECLARED]).await;
    refused(&service, &url, "audio_url_too_large").await;
}

#[tokio::test]
async fn recordings_wait_their_turn_until_others_are_let_go() {
    let server = serving("/a", ResponseTemplate::new(200).set_body_bytes(KITCHEN)).await;
    let url = format!("{}/a", server.uri());
    let room_for_one = FetchPolicy {
        most_bytes: KITCHEN.len(),
        bytes_in_flight: KITCHEN.len() + KITCHEN.len() / 2,
        turn_deadline: Duration::from_millis(50),
        ..policy()
    };
    let fetcher = Fetcher::new(room_for_one);
    let first: Bytes = fetcher.fetch(url.clone()).await.unwrap();
    let again = first.slice(10..);
    drop(first);
    assert_eq!(
        fetcher.fetch(url.clone()).await,
        Err(FetchError::Busy),
        "a part of it is held"
    );
    drop(again);
    assert!(fetcher.fetch(url).await.is_ok());
}

/// A server for `recordings.example` that says the same to everybody, over TLS, and the certificate that it shows.
async fn secure(answer: Vec<u8>) -> (u16, String) {
    let shown = rcgen::generate_simple_self_signed(["recordings.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(shown.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 1_024]).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, shown.cert.pem())
}

fn whole(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// As in production, but for the port, the address and the certificate of a test.
fn encrypted(authorities: String) -> FetchPolicy {
    FetchPolicy {
        plain_http: false,
        authorities,
        ..policy()
    }
}

#[tokio::test]
async fn over_tls_only_who_proves_the_name_is_believed() {
    let (port, pem) = secure(whole(KITCHEN)).await;
    let fetch = async |authorities: &str, name: &str| {
        let fetcher = Fetcher::with_names(encrypted(authorities.to_owned()), Told::these(&[&[LOCAL]]));
        fetcher.fetch(format!("https://{name}:{port}/")).await
    };
    assert_eq!(fetch(&pem, "recordings.example").await.unwrap(), KITCHEN);
    assert_eq!(fetch(&pem, "other.example").await, Err(FetchError::Unreachable));
    assert_eq!(
        fetch("", "recordings.example").await,
        Err(FetchError::Unreachable)
    );
}

#[tokio::test]
async fn no_redirect_leads_out_of_tls() {
    let plain = serving("/a", ResponseTemplate::new(200).set_body_bytes(KITCHEN)).await;
    let to = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}/a\r\ncontent-length: 0\r\n\r\n",
        plain.uri()
    );
    let (port, pem) = secure(to.into_bytes()).await;
    let fetcher = Fetcher::with_names(encrypted(pem), Told::these(&[&[LOCAL]]));
    let url = format!("https://recordings.example:{port}/");
    assert_eq!(fetcher.fetch(url).await, Err(FetchError::Forbidden));
    assert!(plain.received_requests().await.unwrap().is_empty());
}

/// A fetcher that has no room.
struct Full;

impl Fetch for Full {
    fn fetch(&self, _: String) -> BoxFuture<'_, Result<Bytes, FetchError>> {
        async { Err(FetchError::Busy) }.boxed()
    }
}

#[tokio::test]
async fn no_room_is_503_and_says_when_to_come_back() {
    let service = crate::support::start_fetching(Arc::new(Full)).await;
    let request = || service.orchestrate(&json!({"audio_url": "https://example.com/a.wav"}));
    expect_problem(request(), 503, "too_busy").await;
    let response = request().send().await.unwrap();
    assert_eq!(crate::support::header(&response, "retry-after"), "5");
}

#[tokio::test]
async fn words_that_were_sent_are_taken_and_nothing_is_fetched() {
    let service = service().await;
    let server = MockServer::start().await;
    for (name, value) in [
        ("text", json!("Good fish.")),
        ("audio_file", json!(STANDARD.encode(KITCHEN))),
    ] {
        let both = json!({name: value, "audio_url": format!("{}/a", server.uri())});
        let (status, answer) = read(service.orchestrate(&both).send().await.unwrap()).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}
