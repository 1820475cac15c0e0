//! Chromium, and the small server that it is pointed at. Skipped aloud without Chromium; `GREENLIGHT_REQUIRE=chromium` makes that
//! a failure.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// No browser takes longer, or it is stuck.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

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
        eprintln!("SKIPPED: no chromium to look with");
    }
    found
}

/// Starts it without a window, with a profile of its own and what it says in a file.
pub(crate) fn launch(browser: &str, directory: &Path, more: &[&str]) -> Child {
    Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
        ])
        .arg(format!("--user-data-dir={}", directory.join("profile").display()))
        .args(more)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(directory.join("log.txt")).unwrap())
        .spawn()
        .unwrap()
}

/// What it has said so far.
pub(crate) fn said(directory: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(directory.join("log.txt")).unwrap()).into_owned()
}

/// What the browser asks for.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// Serves pages on loopback: each a status and HTML.
pub(crate) fn serve(page: impl Fn(Asked) -> (u16, String) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let page = Arc::new(page);
        for stream in listener.incoming().flatten() {
            let page = page.clone();
            // A connection that the browser opened ahead of need must not hold up the others.
            std::thread::spawn(move || answer(stream, &*page));
        }
    });
    address
}

fn answer(mut stream: TcpStream, page: &impl Fn(Asked) -> (u16, String)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    if head.is_empty() {
        // Opened ahead of need, and never used.
        return Ok(());
    }
    let mut words = head.split_whitespace().map(str::to_owned);
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.trim().parse().unwrap())];
    reader.read_exact(&mut body)?;
    let (status, page) = page(Asked {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        body: String::from_utf8(body).unwrap(),
    });
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
        page.len()
    )
}
