//! A loopback server whose every connection misbehaves in one way.

use std::net::SocketAddr;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::behaviours::{Act, Behaviour};

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// A server that behaves so.
    pub(crate) async fn start(behaviour: &Behaviour) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let act = behaviour.act;
        // What is made only once must not take its time out of the first client's patience.
        if let Act::Answers(answer) | Act::AnswersOnce(answer) = act {
            drop(answer(&Request::default()));
        }
        let task = tokio::spawn(async move {
            // Connections end with the server: an endless body must not outlive its test.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, act));
                while connections.try_join_next().is_some() {}
            }
        });
        let scheme = if behaviour.tls { "https" } else { "http" };
        Server {
            address,
            scheme,
            task,
        }
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }
}

async fn serve(mut stream: TcpStream, act: Act) {
    let _ = stream.set_nodelay(true);
    match act {
        Act::Script(script) => script(stream).await,
        Act::Answers(answer) => {
            while let Some(request) = Request::read(&mut stream).await {
                if stream.write_all(&answer(&request)).await.is_err() {
                    return;
                }
            }
        }
        Act::AnswersOnce(answer) => {
            if let Some(request) = Request::read(&mut stream).await {
                let _ = stream.write_all(&answer(&request)).await;
                let _ = stream.shutdown().await;
            }
        }
    }
}

/// What a connection does after it was accepted.
pub(crate) type Script = fn(TcpStream) -> BoxFuture<'static, ()>;

/// A request as it came.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// Method and target.
    pub(crate) line: String,
    /// The whole head.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads one request with its `Content-Length` body; `None` when the client closed first.
    pub(crate) async fn read(stream: &mut TcpStream) -> Option<Request> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let line = head.lines().next().unwrap_or_default();
        let line = line.rsplit_once(' ').map_or(line, |(line, _)| line).to_owned();
        let mut request = Request {
            line,
            head,
            body: Vec::new(),
        };
        let length = request
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await.ok()?;
        Some(request)
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The path without its query.
    pub(crate) fn path(&self) -> &str {
        let target = self.line.split_once(' ').map_or("", |(_, target)| target);
        target.split('?').next().unwrap_or_default()
    }
}

/// Keeps a connection open and silent until the client closes it.
pub(crate) async fn silence(mut stream: TcpStream) {
    let mut void = [0; 4096];
    while matches!(stream.read(&mut void).await, Ok(1..)) {}
}

/// Writes the same bytes until the client closes.
pub(crate) async fn endless(mut stream: TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).await.is_ok() {}
}

/// An answer with a body of known length.
pub(crate) fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A JSON answer.
pub(crate) fn json(status: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    answer(status, &["content-type: application/json"], body)
}
