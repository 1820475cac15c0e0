//! What Chromium exports of a page's calls: a page at an allowed origin, and the browser's own developer tools beside it, whose
//! modules write the HAR. Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that a failure.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::html_page::chromium;

/// No browser takes longer, or it is stuck.
const DEADLINE: Duration = Duration::from_secs(60);

/// The page's origin, which the reference service lets in.
pub(crate) const PAGE: &str = "http://localhost:3000";

/// What was exported.
pub(crate) struct Exported {
    /// What the page saw.
    pub(crate) outcomes: Value,
    /// "Export HAR (with sensitive data)".
    pub(crate) whole: String,
    /// "Export HAR (sanitized)".
    pub(crate) sanitized: String,
}

/// What the server in the middle answers.
struct Served {
    plan: String,
    debugger: PathBuf,
}

fn answer(mut stream: TcpStream, served: &Served, told: &Sender<String>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let mut words = head.split_whitespace();
    let path = words.nth(1).unwrap_or_default().to_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.trim().parse().unwrap())];
    reader.read_exact(&mut body)?;
    let (status, page) = match path.as_str() {
        "/driver" => (200, include_str!("exporter.html").to_owned()),
        "/plan" => (200, served.plan.clone()),
        "/debugger" => match std::fs::read_to_string(&served.debugger) {
            Ok(text) if text.contains('\n') => (200, text),
            _ => (503, String::new()),
        },
        "/told" => {
            let _ = told.send(String::from_utf8(body).unwrap());
            (200, String::new())
        }
        _ => (
            200,
            "<!doctype html><link rel=icon href='data:,'><title>app</title>".to_owned(),
        ),
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
        page.len()
    )
}

/// Serves the driver, the plan and the app's page.
fn serve(served: Served, told: Sender<String>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let served = std::sync::Arc::new(served);
        for stream in listener.incoming().flatten() {
            let (served, told) = (served.clone(), told.clone());
            // A connection that the browser opened ahead of need must not hold up the others.
            std::thread::spawn(move || answer(stream, &served, &told));
        }
    });
    address
}

fn launched(browser: &str, profile: &Path, address: SocketAddr, log: &Path) -> std::process::Child {
    Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--no-proxy-server",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
        ])
        .args(["--remote-debugging-port=0", "--remote-allow-origins=*"])
        .arg(format!("--host-resolver-rules=MAP localhost:3000 {address}"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("http://{address}/driver"))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(log).unwrap())
        .spawn()
        .unwrap()
}

/// What Chromium exports when the page evaluates this script, which makes its calls. `None` when there is no Chromium.
pub(crate) fn exported(calls: &str) -> Option<Exported> {
    let browser = chromium()?;
    let directory = tempfile::tempdir().unwrap();
    let (profile, log) = (directory.path().join("profile"), directory.path().join("log.txt"));
    let (sender, told) = channel();
    let served = Served {
        plan: json!({"app": format!("{PAGE}/"), "calls": calls}).to_string(),
        debugger: profile.join("DevToolsActivePort"),
    };
    let address = serve(served, sender);
    let mut child = launched(browser, &profile, address, &log);
    let told = told.recv_timeout(DEADLINE);
    let _ = child.kill();
    let _ = child.wait();
    let said = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    let told: Value =
        serde_json::from_str(&told.unwrap_or_else(|_| panic!("nothing was told:\n{said}"))).unwrap();
    assert_eq!(told["error"], Value::Null, "{told}");
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    Some(Exported {
        outcomes: told["outcomes"].clone(),
        whole: text("whole"),
        sanitized: text("sanitized"),
    })
}
