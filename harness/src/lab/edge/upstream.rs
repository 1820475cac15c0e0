//! The way from the edge to a service: one connection a request.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderName, Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::lab::edge::deed::{Answer, Asked, Framing};

/// Headers of one connection (RFC 9110 §7.6.1), and the length, which is told anew.
const HOP: [HeaderName; 4] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::UPGRADE,
];

/// What the service answers; `None` when it does not.
pub(crate) async fn forward(service: SocketAddr, asked: &Asked) -> Option<Answer> {
    let stream = TcpStream::connect(service).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let carrying = tokio::spawn(connection);
    let answered = sender.send_request(request(asked)?).await.ok()?;
    let (head, body) = answered.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    carrying.abort();
    let mut headers = head.headers;
    let is_head = asked.method == Method::HEAD;
    for name in HOP {
        if !(is_head && name == header::CONTENT_LENGTH) {
            headers.remove(name);
        }
    }
    Some(Answer {
        status: head.status.as_u16(),
        headers,
        body,
        framing: if is_head { Framing::AsSaid } else { Framing::Length },
        old: false,
        hints: false,
    })
}

fn request(asked: &Asked) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(asked.body.clone()));
    *request.method_mut() = asked.method.clone();
    *request.uri_mut() = asked.path.parse::<Uri>().ok()?;
    *request.headers_mut() = asked.headers.clone();
    for name in HOP {
        request.headers_mut().remove(name);
    }
    request.headers_mut().remove(header::EXPECT);
    Some(request)
}
