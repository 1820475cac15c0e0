//! A TCP server whose every connection follows a script.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A running server. It stops with the test's runtime.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Request>>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The request line's method and target.
    pub(crate) fn line(&self) -> String {
        let line = self.head.lines().next().unwrap_or_default();
        line.rsplit_once(' ').map_or(line, |(line, _)| line).to_owned()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Server {
    /// Serves every connection by this script, which is told the connection's number.
    pub(crate) async fn scripted<F, S>(script: S) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
        S: Fn(usize, TcpStream) -> F + Send + 'static,
    {
        Server::at("127.0.0.1:0", script).await
    }

    /// The same at this address.
    pub(crate) async fn at<F, S>(address: &str, script: S) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
        S: Fn(usize, TcpStream) -> F + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let server = Server {
            address: listener.local_addr().unwrap(),
            accepted: Arc::default(),
            seen: Arc::default(),
        };
        let accepted = server.accepted.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(script(number, stream));
            }
        });
        server
    }

    /// Answers every request with what this makes of it, on as many connections as come, each kept open.
    pub(crate) async fn answering<S>(answer: S) -> Server
    where
        S: Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
    {
        let answer = Arc::new(answer);
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let noted = seen.clone();
        let server = Server::scripted(move |_, mut stream| {
            let (answer, noted) = (answer.clone(), noted.clone());
            async move {
                while let Some(request) = request(&mut stream).await {
                    let bytes = answer(&request);
                    noted.lock().unwrap().push(request);
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        Server { seen, ..server }
    }

    /// Answers every connection with these bytes after one request, and closes it.
    pub(crate) async fn once(bytes: impl Into<Vec<u8>>) -> Server {
        let bytes = bytes.into();
        Server::scripted(move |_, mut stream| {
            let bytes = bytes.clone();
            async move {
                let _ = request(&mut stream).await;
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    /// Its base URL.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections it accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The requests that [`Server::answering`] saw.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The request lines of those.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Request::line).collect()
    }
}

/// An address at which nothing listens, nor comes to listen while the socket is held.
pub(crate) fn vacant() -> (tokio::net::TcpSocket, SocketAddr) {
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = held.local_addr().unwrap();
    (held, address)
}

/// Reads one request with its `Content-Length` body; `None` when the client closed first.
pub(crate) async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut request = Request {
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

/// Reads a request's head, and leaves its body unread.
pub(crate) async fn head<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

/// Keeps a connection open and silent.
pub(crate) async fn silence<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    let mut void = [0; 4096];
    while matches!(stream.read(&mut void).await, Ok(1..)) {}
    std::future::pending::<()>().await;
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
pub(crate) fn json(status: &str, body: &serde_json::Value) -> Vec<u8> {
    answer(status, &["content-type: application/json"], body.to_string())
}
