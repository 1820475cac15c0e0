//! A page's host that means harm: whatever it serves, a diagnosis of the API ends in time, sends few requests, and says what it
//! would have said without the page.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use greenlight::lab::embedded::Embedded;
use greenlight::lab::subject::concierge;
use orchestrate::config::Settings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::binary::run;

/// A diagnosis takes 30 s at most, and the machine may be busy.
const LONGEST: Duration = Duration::from_secs(45);

/// What a page's host answers to everything.
#[derive(Debug, Clone, Copy)]
enum Harm {
    /// A document without an end.
    Endless,
    /// A script of ten megabytes.
    Large,
    /// A redirect to itself, and on.
    Loop,
    /// Ten thousand scripts.
    Many,
    /// Markup that closes nothing, and policies that are none.
    Broken,
    /// One byte a second.
    Slow,
    /// Nothing at all.
    Silent,
}

const HTML: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";

async fn serve(listener: TcpListener, harm: Harm, asked: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = listener.accept().await {
        let asked = asked.clone();
        tokio::spawn(async move {
            // Whoever hangs up is done with it.
            let _ = answer(stream, harm, &asked).await;
        });
    }
}

async fn answer(mut stream: TcpStream, harm: Harm, asked: &AtomicUsize) -> std::io::Result<()> {
    let mut head = [0_u8; 4096];
    let read = stream.read(&mut head).await?;
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let nth = asked.fetch_add(1, Ordering::SeqCst);
    let script = head.starts_with("GET /s");
    let document = match harm {
        Harm::Endless => {
            stream.write_all(format!("{HTML}\r\n<html>").as_bytes()).await?;
            loop {
                stream.write_all(&[b'<'; 16 * 1024]).await?;
            }
        }
        Harm::Large if script => {
            let body = "'http://localhost:8000/';".repeat(400_000);
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\nconnection: close\r\n\r\n{body}")
        }
        Harm::Large => format!("{HTML}\r\n<script src=/s.js></script>"),
        Harm::Loop => format!(
            "HTTP/1.1 302 Found\r\nlocation: /{nth}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ),
        Harm::Many => {
            let scripts: String = (0..10_000)
                .map(|n| format!("<script src=/s{n}.js></script>"))
                .collect();
            format!("{HTML}\r\n{scripts}")
        }
        Harm::Broken => format!(
            "{HTML}content-security-policy: ;;,,'\u{7f}\r\npermissions-policy: microphone=((((\r\n\r\n<html><meta http-equiv=content-security-policy content=\"connect-src ;;\u{1b}[31m\u{202e}<script src='http://[::'><base href=\"\\\\\"><script>let"
        ),
        Harm::Slow => {
            stream.write_all(format!("{HTML}\r\n").as_bytes()).await?;
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                stream.write_all(b"<").await?;
            }
        }
        Harm::Silent => return std::future::pending().await,
    };
    stream.write_all(document.as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_page_serves_a_diagnosis_ends_bounded_and_as_it_would_have() {
    for harm in [
        Harm::Endless,
        Harm::Large,
        Harm::Loop,
        Harm::Many,
        Harm::Broken,
        Harm::Slow,
        Harm::Silent,
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let serving = tokio::spawn(serve(listener, harm, asked.clone()));
        let mut settings = Settings::development();
        settings.origins = vec![origin.clone()];
        let service = Embedded::start(settings).await.unwrap();
        let mut subject = concierge().unwrap();
        let _ = service.join(&mut subject.target);
        let begun = Instant::now();
        let ran = run(["diagnose", &subject.target.base, "--origin", &origin]).await;
        let took = begun.elapsed();
        assert!(took < LONGEST, "{harm:?}: {took:?}");
        assert_eq!(ran.code, 3, "{harm:?}: {}{}", ran.out, ran.err);
        assert!(ran.out.starts_with("NOT REPRODUCED"), "{harm:?}: {}", ran.out);
        let control = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!ran.out.contains(control), "{harm:?}: {}", ran.out);
        let asked = asked.load(Ordering::SeqCst);
        assert!((1..=12).contains(&asked), "{harm:?}: {asked} requests");
        service.stop().await;
        serving.abort();
    }
}
