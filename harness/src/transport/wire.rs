//! HTTP/1.1 and HTTP/2 on one open connection, through hyper's connection level.

use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::model::exchange::{Phase, WireError, WireFault};
use crate::transport::dial::Stream;

/// More header field lines than this are not read. A healthy answer may well have more than a hundred.
const MAX_HEADERS: usize = 2_000;
/// A head larger than this is not read.
const MAX_HEAD: usize = 512 * 1024;

/// The sending half of an open HTTP connection.
#[derive(Debug)]
pub enum Sender {
    /// HTTP/1.1.
    Http1(http1::SendRequest<Full<Bytes>>),
    /// HTTP/2.
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Sender {
    /// Starts HTTP on a stream. The protocol is what ALPN settled on.
    pub async fn start(stream: Box<dyn Stream>, alpn: Option<&str>) -> Result<Sender, WireError> {
        let io = TokioIo::new(stream);
        if alpn == Some("h2") {
            let started = http2::Builder::new(TokioExecutor::new())
                .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
                .handshake(io)
                .await;
            let (sender, connection) = started.map_err(|error| wire_error(&error, false))?;
            tokio::spawn(connection);
            return Ok(Sender::Http2(sender));
        }
        let started = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD)
            .handshake(io)
            .await;
        let (sender, connection) = started.map_err(|error| wire_error(&error, false))?;
        tokio::spawn(connection);
        Ok(Sender::Http1(sender))
    }

    /// Whether the connection is known to be closed.
    pub fn is_closed(&self) -> bool {
        match self {
            Sender::Http1(sender) => sender.is_closed(),
            Sender::Http2(sender) => sender.is_closed(),
        }
    }

    /// Waits until another request may be sent. `false` when the connection is closed instead.
    pub async fn ready(&mut self) -> bool {
        match self {
            Sender::Http1(sender) => sender.ready().await.is_ok(),
            Sender::Http2(sender) => sender.ready().await.is_ok(),
        }
    }

    /// Sends a request and waits for the answer's head. `reused` says whether the connection carried an exchange before.
    pub async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
        reused: bool,
    ) -> Result<Response<Incoming>, WireError> {
        let answered = match self {
            Sender::Http1(sender) => {
                *request.uri_mut() = origin_form(request.uri());
                sender.send_request(request).await
            }
            Sender::Http2(sender) => {
                request.headers_mut().remove(header::HOST);
                sender.send_request(request).await
            }
        };
        answered.map_err(|error| wire_error(&error, reused))
    }
}

/// Path and query alone (RFC 9112 §3.2.1).
fn origin_form(uri: &Uri) -> Uri {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    path.parse().unwrap_or_else(|_| Uri::from_static("/"))
}

/// hyper's error in our words.
fn wire_error(error: &hyper::Error, reused: bool) -> WireError {
    let io = io_kind(error);
    let (phase, fault) = if error.is_parse_too_large() {
        (Phase::Head, WireFault::HeadTooLarge)
    } else if error.is_parse() {
        (Phase::Head, WireFault::NotHttp)
    } else if reused
        && (error.is_canceled() || error.is_closed() || error.is_incomplete_message() || io.is_some())
    {
        (Phase::Send, WireFault::ReusedClosed)
    } else if matches!(
        io,
        Some(std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe)
    ) {
        (Phase::Wait, WireFault::Reset)
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        (Phase::Wait, WireFault::ClosedWithoutAnswer)
    } else {
        (Phase::Wait, WireFault::NotHttp)
    };
    WireError {
        phase,
        fault,
        detail: describe(error),
    }
}

/// The error and its sources in one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text.chars().take(300).collect()
}

/// The kind of the I/O error behind it, when there is one.
fn io_kind(error: &dyn std::error::Error) -> Option<std::io::ErrorKind> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        source = inner.source();
    }
    None
}
