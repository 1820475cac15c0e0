//! HTTP/2: through hyper where it is right, and as frames by hand (RFC 9113 §4.1) where it is not.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::lab::edge::deed::{Asked, Deed};
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Line, Post};

/// Serves a connection until it ends.
pub(crate) async fn serve<S>(stream: S, line: Line, post: Arc<Post>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    if post.edge.twist == Twist::ConnectionHeaderInHttp2 {
        let _ = misspoken(stream).await;
        return;
    }
    let service = service_fn(move |request| {
        let post = post.clone();
        async move { Ok::<_, Infallible>(answer(request, line, &post).await) }
    });
    let _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, line: Line, post: &Post) -> Response<Full<Bytes>> {
    let (mut head, body) = request.into_parts();
    if let Some(authority) = head.uri.authority()
        && let Ok(host) = authority.as_str().parse()
    {
        head.headers.insert(header::HOST, host);
    }
    let asked = Asked {
        path: head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        method: head.method,
        headers: head.headers,
        body: body
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default(),
    };
    let mut response = Response::new(Full::default());
    match post.deed(line, asked).await {
        Deed::Answer(answer) => {
            *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            *response.headers_mut() = answer.headers;
            *response.body_mut() = Full::new(answer.body);
        }
        Deed::Close => *response.status_mut() = StatusCode::BAD_GATEWAY,
    }
    response
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PREFACE: usize = 24;

/// Answers every request with 200 and a `Connection` header, which makes the answer malformed (RFC 9113 §8.2.2).
async fn misspoken<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> std::io::Result<()> {
    let mut preface = [0; PREFACE];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0_u8; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, s0, s1, s2, s3] = head;
        let id = u32::from_be_bytes([s0, s1, s2, s3]);
        let mut payload = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
        stream.read_exact(&mut payload).await?;
        if kind == SETTINGS && flags & ACK == 0 {
            stream.write_all(&frame(SETTINGS, ACK, 0, &[])).await?;
        }
        if matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0 {
            stream
                .write_all(&frame(HEADERS, END_HEADERS, id, &head_block()))
                .await?;
            stream.write_all(&frame(DATA, END_STREAM, id, b"{}")).await?;
        }
        stream.flush().await?;
    }
}

/// `:status: 200` from the static table, and a literal field without indexing (RFC 7541 §6.1, §6.2.2).
fn head_block() -> Vec<u8> {
    let mut block = vec![0x88, 0x00, 10];
    block.extend_from_slice(b"connection");
    block.push(10);
    block.extend_from_slice(b"keep-alive");
    block
}

fn frame(kind: u8, flags: u8, id: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&id.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}
