//! HTTP/1.1 and HTTP/2 on one open connection, through hyper's connection level.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::oneshot;

use crate::model::exchange::WireError;
use crate::transport::dial::Stream;
use crate::transport::failure;

/// More header field lines than this are not read. A healthy answer may well have more than a hundred.
const MAX_HEADERS: usize = 2_000;
/// A head larger than this is not read.
const MAX_HEAD: usize = 512 * 1024;
/// How long a connection that nobody wants any more has to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long an answered connection has to become ready for the next request before it is given up.
const SETTLING: Duration = Duration::from_millis(250);

/// How the request target is written (RFC 9112 §3.2).
#[derive(Debug, Clone, Default)]
pub enum Form {
    /// Path and query: to the server itself.
    #[default]
    Origin,
    /// The whole URI: to a proxy, with what the proxy wants to know of us.
    Absolute(Option<HeaderValue>),
}

/// The sending half of an open HTTP connection. When it is dropped the connection is closed.
#[derive(Debug)]
pub struct Sender {
    half: Half,
    form: Form,
    _leash: Leash,
}

#[derive(Debug)]
enum Half {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Sender {
    /// Starts HTTP on a stream. The protocol is what ALPN settled on.
    pub async fn start(stream: Box<dyn Stream>, alpn: Option<&str>, form: Form) -> Result<Sender, WireError> {
        let io = TokioIo::new(stream);
        let (half, leash) = if alpn == Some("h2") {
            let started = http2::Builder::new(TokioExecutor::new())
                .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
                .handshake(io)
                .await;
            let (sender, connection) = started.map_err(|error| failure::of_http(&error, false))?;
            (Half::Http2(sender), leash(connection))
        } else {
            let started = http1::Builder::new()
                .max_headers(MAX_HEADERS)
                .max_buf_size(MAX_HEAD)
                .handshake(io)
                .await;
            let (sender, connection) = started.map_err(|error| failure::of_http(&error, false))?;
            (Half::Http1(sender), leash(connection))
        };
        Ok(Sender {
            half,
            form,
            _leash: leash,
        })
    }

    /// Whether the connection is known to be closed.
    pub fn is_closed(&self) -> bool {
        match &self.half {
            Half::Http1(sender) => sender.is_closed(),
            Half::Http2(sender) => sender.is_closed(),
        }
    }

    /// Whether another request may be sent. A server that answered before it read the whole request leaves the connection
    /// busy for good, so there is a bound.
    pub async fn settles(&mut self) -> bool {
        let ready = async {
            match &mut self.half {
                Half::Http1(sender) => sender.ready().await.is_ok(),
                Half::Http2(sender) => sender.ready().await.is_ok(),
            }
        };
        tokio::time::timeout(SETTLING, ready).await == Ok(true)
    }

    /// Sends a request and waits for the answer's head. `reused` says whether the connection carried an exchange before.
    pub async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
        reused: bool,
    ) -> Result<Response<Incoming>, WireError> {
        let answered = match &mut self.half {
            Half::Http1(sender) => {
                match &self.form {
                    Form::Origin => *request.uri_mut() = origin_form(request.uri()),
                    Form::Absolute(None) => {}
                    Form::Absolute(Some(credential)) => {
                        let headers = request.headers_mut();
                        headers.insert(header::PROXY_AUTHORIZATION, credential.clone());
                    }
                }
                sender.send_request(request).await
            }
            Half::Http2(sender) => {
                request.headers_mut().remove(header::HOST);
                sender.send_request(request).await
            }
        };
        answered.map_err(|error| failure::of_http(&error, reused))
    }
}

/// Path and query alone (RFC 9112 §3.2.1).
fn origin_form(uri: &Uri) -> Uri {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    path.parse().unwrap_or_else(|_| Uri::from_static("/"))
}

/// Holds a connection's task: dropped, it ends the task after [`GOODBYE`] at the latest, whatever the peer does.
#[derive(Debug)]
pub(crate) struct Leash(#[expect(dead_code, reason = "only its end matters")] oneshot::Sender<Infallible>);

/// Runs a connection in a task of its own.
pub(crate) fn leash(connection: impl Future + Send + 'static) -> Leash {
    let (leash, let_go) = oneshot::channel();
    tokio::spawn(async move {
        let goodbye = async {
            let _ = let_go.await;
            tokio::time::sleep(GOODBYE).await;
        };
        tokio::select! {
            _ = connection => {}
            () = goodbye => {}
        }
    });
    Leash(leash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_never_ends_by_itself_is_ended_when_nobody_holds_it() {
        let (alive, ended) = oneshot::channel::<Infallible>();
        let held = leash(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        drop(held);
        assert!(ended.await.is_err());
    }
}
