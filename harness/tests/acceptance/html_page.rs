//! The HTML report of a broken service, opened in a real browser: what a reader sees, wide and narrow, light and dark, with and without
//! scripts. Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that a failure.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use orchestrate::faults::id::FaultId;
use serde_json::Value;

use crate::binary::ran;
use crate::service::Service;

/// No browser takes longer to look, or it is stuck.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the browser asked for, and what the page posted.
#[derive(Debug)]
enum Heard {
    Asked(String),
    Told(String),
}

/// Chromium's name, or `None` after saying that it is not there.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn chromium() -> Option<&'static str> {
    let quiet = |name: &&str| {
        let mut command = Command::new(name);
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok()
    };
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(quiet);
    if found.is_none() {
        let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
        assert!(
            !required.contains("chromium"),
            "GREENLIGHT_REQUIRE names chromium, and it is not there"
        );
        eprintln!("SKIPPED: no chromium to open the report in");
    }
    found
}

fn answer(mut stream: TcpStream, report: &str, heard: &Sender<Heard>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    if head.is_empty() {
        // Opened ahead of need, and never used.
        return Ok(());
    }
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.trim().parse().unwrap())];
    reader.read_exact(&mut body)?;
    let said = match (method, path) {
        ("POST", "/told") => Heard::Told(String::from_utf8(body).unwrap()),
        _ => Heard::Asked(path.to_owned()),
    };
    let page = match path {
        "/report.html" => report,
        "/" => include_str!("inspector.html"),
        _ => "",
    };
    // The test has ended when nobody listens.
    let _ = heard.send(said);
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
        page.len()
    )
}

/// Serves the report and the page that looks at it.
fn serve(report: String) -> (String, Receiver<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, heard) = channel();
    std::thread::spawn(move || {
        let report = std::sync::Arc::new(report);
        for stream in listener.incoming().flatten() {
            let (report, sender) = (report.clone(), sender.clone());
            // A connection that the browser opened ahead of need must not hold up the others.
            std::thread::spawn(move || answer(stream, &report, &sender));
        }
    });
    (url, heard)
}

/// What a browser sees of a report, and what it wrote to its console.
fn looked_at(browser: &str, report: &str, dark: bool) -> Value {
    let (url, heard) = serve(report.to_owned());
    let profile = tempfile::tempdir().unwrap();
    let log = profile.path().join("console.txt");
    let mut child = Command::new(browser)
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
        .args(["--enable-logging=stderr", "--window-size=1400,1000"])
        .arg(format!(
            "--blink-settings=preferredColorScheme={}",
            u8::from(!dark)
        ))
        .arg(format!(
            "--user-data-dir={}",
            profile.path().join("profile").display()
        ))
        .arg(&url)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut asked = Vec::new();
    let told = loop {
        match heard.recv_timeout(DEADLINE) {
            Ok(Heard::Asked(path)) => asked.push(path),
            Ok(Heard::Told(told)) => break Some(told),
            Err(_) => break None,
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    let said = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    let told = told.unwrap_or_else(|| panic!("the page told nothing:\n{said}"));
    asked.retain(|path| path != "/" && path != "/report.html");
    assert_eq!(asked, Vec::<String>::new(), "the report loads something");
    let mut console = said.lines().filter(|line| line.contains("CONSOLE"));
    // A frame without scripts says that it has blocked one.
    let wrong = console.find(|line| !line.contains("'allow-scripts' permission is not set"));
    assert_eq!(wrong, None);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["error"], Value::Null, "{told}");
    assert_eq!(told["dark"], dark);
    told
}

/// The page and the recording of a service with the fault that began all this.
async fn broken(directory: &Path) -> (String, Value) {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let (page, recording) = (directory.join("r.html"), directory.join("run.json"));
    let mut command = service.verify_with_token(&["--environment", "local"]);
    command.arg("--format").arg(format!("html={}", page.display()));
    command.arg("--record").arg(&recording);
    let run = ran(command).await;
    assert_eq!(run.code, 1, "{run:#?}");
    let text = std::fs::read_to_string(recording).unwrap();
    (
        std::fs::read_to_string(page).unwrap(),
        serde_json::from_str(&text).unwrap(),
    )
}

/// What must hold of the page however it is opened.
fn readable(seen: &Value, recording: &Value) {
    let headline = "A server error (HTTP 500) is what browsers here report as a CORS error";
    assert_eq!(seen["headline"], headline);
    assert_eq!(seen["title"], format!("FAIL: {headline}"));
    assert_eq!(seen["headline_seen"], true, "{seen}");
    let exchanges = recording["exchanges"].as_array().unwrap();
    let called = |exchange: &Value| {
        let path = exchange["probe"]["path"]["lit"].as_str().unwrap_or_default();
        format!("{} {path}", exchange["probe"]["method"].as_str().unwrap())
    };
    let shown = seen["exchanges"].as_array().unwrap();
    assert_eq!(shown.len(), exchanges.len());
    for (shown, exchange) in shown.iter().zip(exchanges) {
        let (shown, called) = (shown.as_str().unwrap().trim_end_matches('…'), called(exchange));
        assert!(
            called.starts_with(shown) || called.ends_with(' '),
            "{shown} is not {called}"
        );
    }
    assert_eq!(seen["bars"], exchanges.len(), "a bar that is not drawn");
    for (fact, wanted) in [
        ("rows_seen", true),
        ("named", true),
        ("scopes", true),
        ("overflows", false),
    ] {
        assert_eq!(seen[fact], wanted, "{fact}");
    }
    assert_eq!(seen["loaded"], serde_json::json!([]));
    assert_eq!(seen["pale"], serde_json::json!([]), "too little contrast");
    assert_eq!(
        seen["landmarks"],
        serde_json::json!(["header", "nav", "main", "footer"])
    );
    let opened = seen["opened"].as_str().unwrap();
    assert!(
        opened.contains("Internal Server Error") && opened.contains("authorization: "),
        "{opened}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_the_cause_and_every_exchange() {
    let Some(browser) = chromium() else { return };
    let directory = tempfile::tempdir().unwrap();
    let (page, recording) = broken(directory.path()).await;
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
    for dark in [false, true] {
        let told = looked_at(browser, &page, dark);
        for width in ["wide", "narrow", "still"] {
            readable(&told[width], &recording);
        }
        assert_eq!(told["wide"]["beside"], true, "request and response side by side");
        assert_eq!(
            told["narrow"]["below"], true,
            "and below one another where there is no room"
        );
        assert_eq!(
            (&told["wide"]["tools_seen"], &told["still"]["tools_seen"]),
            (&true.into(), &false.into())
        );
        let failed = recording["exchanges"].as_array().unwrap().iter();
        let failed = failed
            .filter(|exchange| exchange["reply"]["answered"]["status"] == 500)
            .count();
        assert_eq!(told["filtered"]["none"], 0);
        assert!(told["filtered"]["said"].as_str().unwrap().starts_with("0 of "));
        assert!(
            told["filtered"]["failed"].as_u64().unwrap() >= failed as u64,
            "{}",
            told["filtered"]
        );
        assert!(
            told["filtered"]["found"].as_u64().unwrap() >= failed as u64,
            "{}",
            told["filtered"]
        );
    }
}
