//! What runtimes themselves write when work fails behind a 200: real ones, started by `--spawn`.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::binary::{Ran, greenlight_in, ran, write_service};

/// Node, whose `/save` forgets a promise that is rejected.
const NODE: &str = r#"
const http = require('node:http');
const json = { 'content-type': 'application/json' };
http.createServer((request, response) => {
  if (request.method !== 'GET') return response.writeHead(405, { allow: 'GET', 'content-length': 0 }).end();
  if (request.url === '/save') Promise.reject(new Error('the disk is full'));
  response.writeHead(200, json).end(JSON.stringify({ status: 'healthy' }));
}).listen(Number(process.env.PORT), '127.0.0.1');
"#;

/// Rust, whose `/save` leaves the work to a thread, which panics.
const RUST: &str = r##"
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn answer(mut stream: TcpStream) {
    let mut head = [0; 8192];
    let read = stream.read(&mut head).unwrap_or(0);
    let (status, allow) = match head.starts_with(b"GET ") {
        true => ("200 OK", ""),
        false => ("405 Method Not Allowed", "allow: GET\r\n"),
    };
    if head[..read].starts_with(b"GET /save ") {
        std::thread::spawn(|| -> u8 { panic!("the disk is full") });
    }
    let body = r#"{"status": "healthy"}"#;
    let about = "content-type: application/json\r\nconnection: close";
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{allow}{about}\r\ncontent-length: {length}\r\n\r\n{body}");
}

fn main() {
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    for stream in TcpListener::bind(("127.0.0.1", port)).unwrap().incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
}
"##;

/// CPython, whose `/save` starts a task at which nobody looks.
const PYTHON: &str = r#"
import asyncio, http.server, os, plain

async def save():
    raise OSError("the disk is full")

async def handle():
    asyncio.ensure_future(save())
    await asyncio.sleep(0)

class Service(plain.Plain):
    def do_GET(self):
        if self.path == "/save":
            asyncio.run(handle())
        body = b'{"status": "healthy"}'
        self.answer(200, body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Service).serve_forever()
"#;

/// Whether a program is here. Says so when it is not.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
async fn is_here(program: &str) -> bool {
    let mut asked = Command::new(program);
    let asked = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let there = asked.status().await.is_ok_and(|status| status.success());
    let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
    assert!(
        there || !required.split(',').any(|name| name == "stacks"),
        "GREENLIGHT_REQUIRE names stacks, and there is no {program}"
    );
    if !there {
        eprintln!("skipped: there is no {program} here");
    }
    there
}

/// Verifies the service that this command starts, whose proof is one read.
async fn verified(directory: &Path, command: &str, route: &str) -> Ran {
    let profile = format!("[service]\nhealth = \"/health\"\n\n[[prove]]\ncall = \"GET {route}\"\n");
    std::fs::write(directory.join("p.toml"), profile).unwrap();
    let arguments = ["verify", "--spawn", command, "--profile", "p.toml"];
    ran(greenlight_in(directory, arguments)).await
}

/// The route that forgets its work is red, for that and nothing before it; the one that does none is not.
async fn told(directory: &Path, command: &str, statement: &str, line: &str) {
    let bad = verified(directory, command, "/save").await;
    assert_eq!(bad.code, 1, "{bad:#?}");
    assert!(bad.out.starts_with(&format!("FAIL  {statement}")), "{}", bad.out);
    assert!(bad.out.contains(line), "{}", bad.out);
    let good = verified(directory, command, "/health").await;
    assert!(!good.out.contains(statement), "{}", good.out);
    assert_eq!(good.code, 0, "{good:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_is_rejected_behind_a_200_is_red() {
    if !is_here("node").await {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("service.cjs"), NODE).unwrap();
    let warns = "exec node --unhandled-rejections=warn service.cjs";
    let statement = "A promise was rejected and nobody caught it";
    told(
        directory.path(),
        warns,
        statement,
        "UnhandledPromiseRejectionWarning: Error: the disk is full",
    )
    .await;

    // Left to itself, Node ends after such an answer.
    let ends = verified(directory.path(), "exec node service.cjs", "/save").await;
    assert_eq!(ends.code, 1, "{ends:#?}");
    let statement = "FAIL  The service ended while it was verified (exit status: 1)";
    assert!(ends.out.starts_with(statement), "{}", ends.out);
    assert!(ends.out.contains("it wrote: Node.js v"), "{}", ends.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_panics_behind_a_200_is_red() {
    if !is_here("rustc").await {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("service.rs"), RUST).unwrap();
    let built = Command::new("rustc")
        .args(["--edition", "2021", "service.rs"])
        .current_dir(directory.path())
        .output()
        .await
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    told(
        directory.path(),
        "exec ./service",
        "A thread panicked",
        "panicked at service.rs",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_fails_behind_a_200_is_red() {
    let directory = tempfile::tempdir().unwrap();
    write_service(directory.path(), PYTHON);
    let statement = "A task failed and nobody looked";
    told(
        directory.path(),
        "exec python3 service.py",
        statement,
        "Task exception was never retrieved",
    )
    .await;
}
