//! What somebody who was paged is told first: within seconds, whatever hangs. Nothing here is timed but by what happened before:
//! what hangs goes on hanging until the first line was read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use orchestrate::app::Running;
use orchestrate::faults::id::FaultId;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::sync::watch;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::binary::{greenlight, run};
use crate::dns::{Manner, Resolver};
use crate::service::{Pages, Service, admitting};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(100);

/// A diagnosis under way.
struct Paged {
    child: Child,
    err: BufReader<ChildStderr>,
    out: ChildStdout,
}

impl Paged {
    fn of(arguments: &[&str]) -> Paged {
        let mut command = greenlight(["diagnose"].into_iter().chain(arguments.iter().copied()));
        let mut child = command.spawn().unwrap();
        Paged {
            err: BufReader::new(child.stderr.take().unwrap()),
            out: child.stdout.take().unwrap(),
            child,
        }
    }

    /// The first line that is said.
    async fn first_line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.err.read_line(&mut line)).await;
        read.expect("nothing was said").unwrap();
        line
    }

    /// The report, and the rest of what was said.
    async fn ended(mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        let both = async {
            tokio::join!(
                self.out.read_to_string(&mut out),
                self.err.read_to_string(&mut err)
            )
        };
        let (told, said) = tokio::time::timeout(PATIENCE, both)
            .await
            .expect("it did not end");
        told.and(said).unwrap();
        self.child.wait().await.unwrap();
        (out, err)
    }
}

/// Accepts everybody, and lets nobody through to the address until it is opened.
async fn gate(to: String) -> (String, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let (open, opened) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (to, mut opened) = (to.clone(), opened.clone());
            tokio::spawn(async move {
                if opened.wait_for(|open| *open).await.is_ok()
                    && let Ok(mut there) = TcpStream::connect(to).await
                {
                    let _ = copy_bidirectional(&mut client, &mut there).await;
                }
            });
        }
    });
    (here, open)
}

/// Somebody who answers every connection with a page, and closes it.
async fn page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.read(&mut [0; 4_096]).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 15\r\n\r\n";
            let _ = client
                .write_all(format!("{head}<html>hi</html>").as_bytes())
                .await;
        }
    });
    here
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_keeps_nobody_from_hearing_what_is_wrong_with_the_api() {
    let service = Service::with(&[FaultId::CorsMissingEverywhere]).await;
    let (origin, open) = gate(page().await).await;
    let mut paged = Paged::of(&[&service.url(), "--origin", &origin, "--format", "json"]);
    let mut said = paged.first_line().await;
    // On a machine that is short of breath, that nothing was found yet is said first.
    while said.contains("nothing wrong in ") || said.contains(" has not answered for ") {
        said = paged.first_line().await;
    }
    // Only now does the page answer.
    open.send_replace(true);
    let (out, _) = paged.ended().await;
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        report["diagnoses"][0]["cause"], "cors-missing-everywhere",
        "{out}"
    );
    let headline = report["headline"].as_str().unwrap();
    assert_eq!(said, format!("so far  {headline}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_beside_a_healthy_api_is_what_is_waited_for() {
    let (origin, open) = gate(page().await).await;
    let mut settings = admitting(Pages::Development);
    settings.origins.push(origin.clone());
    let running = Running::start(settings).await.unwrap();
    let mut paged = Paged::of(&[&running.base_url(), "--origin", &origin]);
    let first = paged.first_line().await;
    open.send_replace(true);
    let (out, _) = paged.ended().await;
    let told = format!(
        r"^so far  nothing wrong in \d+ answers(, and one took \S+ s)?; the page {origin}/ has not answered for \d\.\d s\n$"
    );
    assert!(regex::Regex::new(&told).unwrap().is_match(&first), "{first}");
    assert!(out.starts_with("NOT REPRODUCED"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_never_answers_is_said_to_be_waited_for() {
    let service = Service::healthy().await;
    let url = service.url();
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (gate, open) = gate(host.to_owned()).await;
    let mut paged = Paged::of(&[&format!("{gate}/{path}")]);
    let first = paged.first_line().await;
    // Only now does it answer anything: had it been waited for, it would have been until its deadline.
    open.send_replace(true);
    let (out, _) = paged.ended().await;
    let waited = first.strip_prefix("so far  GET /api/v3/health has not answered for ");
    let waited = waited.unwrap_or_else(|| panic!("{first}"));
    let seconds: f64 = waited.trim_end().strip_suffix(" s").unwrap().parse().unwrap();
    assert!((1.0..10.0).contains(&seconds), "{first}");
    assert!(out.contains("sent "), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_takes_a_second_for_each_answer_is_told_of_before_many_have_come() {
    let server = MockServer::start().await;
    let late = ResponseTemplate::new(200)
        .set_body_json(serde_json::json!({"status": "healthy"}))
        .set_delay(Duration::from_secs(1));
    Mock::given(any()).respond_with(late).mount(&server).await;
    let mut paged = Paged::of(&[&server.uri()]);
    let first = paged.first_line().await;
    let asked = server.received_requests().await.unwrap().len();
    paged.child.kill().await.unwrap();
    let told = regex::Regex::new(
        r"^so far  nothing wrong in \d answers?, and one took \d+\.\d s(; GET /\S* has not answered for \d+\.\d s)?\n$",
    );
    assert!(told.unwrap().is_match(&first), "{first}");
    assert!(asked < 7, "{asked} requests were sent before anything was said");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_waited_for_before_anything_is_asked_is_said_too() {
    let directory = tempfile::tempdir().unwrap();
    let go = directory.path().join("go");
    let service = Service::healthy().await;
    // Both wait for what happens only once the line was read.
    let command = format!(
        "until [ -e {} ]; do sleep 0.1; done; echo a-token-of-tests",
        go.display()
    );
    let url = service.url();
    let mut paged = Paged::of(&[
        &url,
        "--token-command",
        &command,
        "--origin",
        "http://localhost:3000",
    ]);
    let first = paged.first_line().await;
    std::fs::write(&go, "").unwrap();
    let (out, _) = paged.ended().await;
    assert!(
        first.starts_with("so far  whoever gives the credential has not answered for "),
        "{first}"
    );
    assert!(out.contains("sent "), "{out}");

    let (contract, open) = gate(page().await).await;
    let mut paged = Paged::of(&[&url, "--contract", &format!("{contract}/openapi.json")]);
    let first = paged.first_line().await;
    open.send_replace(true);
    let (_, err) = paged.ended().await;
    assert!(
        first.starts_with("so far  the pinned contract has not answered for "),
        "{first}"
    );
    assert!(err.starts_with("error: "), "{err}");
}

/// A resolver that answers only once it is opened, and then as the other does.
async fn held(other: SocketAddr) -> (SocketAddr, watch::Sender<bool>) {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let here = socket.local_addr().unwrap();
    let (open, opened) = watch::channel(false);
    tokio::spawn(async move {
        let mut asked = [0; 4_096];
        while let Ok((length, from)) = socket.recv_from(&mut asked).await {
            let (asked, socket, mut opened) = (asked[..length].to_vec(), socket.clone(), opened.clone());
            tokio::spawn(async move {
                let there = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                let mut answer = [0; 4_096];
                if opened.wait_for(|open| *open).await.is_ok() {
                    there.send_to(&asked, other).await.unwrap();
                    let length = there.recv(&mut answer).await.unwrap();
                    let _ = socket.send_to(&answer[..length], from).await;
                }
            });
        }
    });
    (here, open)
}

/// Says that it is well, and opens what waits for somebody to ask.
struct Opens(watch::Sender<bool>);

impl Respond for Opens {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.0.send_replace(true);
        ResponseTemplate::new(200).set_body_json(serde_json::json!({"status": "healthy"}))
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
async fn a_resolver_that_takes_its_time_keeps_nobody_from_asking_the_service() {
    // A name that this machine finds by itself, beside localhost, for which nobody is asked.
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let found = tokio::net::lookup_host((name, 0)).await;
    let Some(address) = found.ok().and_then(|mut found| found.find(SocketAddr::is_ipv4)) else {
        eprintln!("skipped: this machine finds no address of its own name, {name:?}");
        return;
    };
    let resolver = Resolver::start(Manner::Gives(vec![address.ip()])).await;
    let (at, open) = held(resolver.at).await;
    let listener = std::net::TcpListener::bind(address).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = MockServer::builder().listener(listener).start().await;
    Mock::given(any()).respond_with(Opens(open)).mount(&server).await;
    let url = format!("http://{name}:{port}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let record = file.path().to_str().unwrap();
    let resolver = at.to_string();
    run(["diagnose", &url, "--resolver", &resolver, "--record", record]).await;
    let recording: serde_json::Value = serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap();
    let said = recording["names"].as_array().unwrap().iter();
    let mut said = said.filter(|lookup| lookup["resolver"] == resolver.as_str());
    let said = said.next().unwrap()["said"].to_string();
    assert!(
        said.contains(&address.ip().to_string()),
        "it was waited for until it was given up: {said}"
    );
}
