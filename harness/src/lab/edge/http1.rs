//! HTTP/1 by hand (RFC 9112): what the edge must be able to get wrong, no library would write.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

use crate::lab::edge::deed::{Answer, Asked, Deed, Framing};
use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Line, Post};

/// A head larger than this is not read.
const MOST_HEAD: usize = 256 * 1024;
/// A chunk larger than this is not read.
const MOST_CHUNK: usize = 64 * 1024 * 1024;

/// Serves a connection until it ends.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, line: Line, post: Arc<Post>) {
    let mut buffer = BytesMut::new();
    let mut carried = false;
    loop {
        let idle = Instant::now();
        let Some(head) = read_head(&mut stream, &mut buffer).await else {
            return;
        };
        let Some((method, path, headers)) = parse(&head) else {
            return;
        };
        // Ended with bytes unread, a connection is reset and not closed.
        if carried && post.edge.twist.resets_after(idle.elapsed()) {
            return;
        }
        let framing = framing(&headers, post.edge.twist);
        let length = match framing {
            Length::Bytes(length) => length,
            Length::Chunks => 0,
            Length::Refused => {
                let refused = Answer::page(400, "Bad Request").header("connection", "close");
                if post.edge.twist != Twist::ClosesOnTwoLengths {
                    let _ = stream.write_all(&written(&refused)).await;
                }
                let _ = stream.shutdown().await;
                return;
            }
        };
        if post.edge.twist.resets_at(length) {
            return;
        }
        let expects = headers.contains_key(http::header::EXPECT);
        if expects
            && post.edge.twist.continues()
            && stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_err()
        {
            return;
        }
        let body = match framing {
            Length::Chunks => read_chunks(&mut stream, &mut buffer).await,
            Length::Bytes(_) | Length::Refused => read_body(&mut stream, &mut buffer, length).await,
        };
        let Some(body) = body else {
            return;
        };
        let asked = Asked {
            method,
            path,
            headers,
            body,
        };
        let Deed::Answer(answer) = post.deed(line, asked).await else {
            return;
        };
        let stays = stays(&answer);
        if stream.write_all(&written(&answer)).await.is_err() || stream.flush().await.is_err() || !stays {
            let _ = stream.shutdown().await;
            return;
        }
        carried = true;
    }
}

async fn read_head<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut BytesMut) -> Option<Bytes> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = buffer.split_to(end + 4).freeze();
            return Some(head.slice(..end));
        }
        if buffer.len() > MOST_HEAD || stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

async fn read_body<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut BytesMut,
    length: usize,
) -> Option<Bytes> {
    while buffer.len() < length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    Some(buffer.split_to(length).freeze())
}

fn parse(head: &[u8]) -> Option<(Method, String, HeaderMap)> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.parse().ok()?, words.next()?.to_owned());
    let mut headers = HeaderMap::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        headers.append(
            name,
            HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?,
        );
    }
    Some((method, path, headers))
}

/// Where a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// After so many bytes.
    Bytes(usize),
    /// After its last chunk.
    Chunks,
    /// That is not clear (RFC 9112 §6.3).
    Refused,
}

/// Where a request ends, as the edge reads it: a healthy one refuses what could be read in two ways.
fn framing(headers: &HeaderMap, twist: Twist) -> Length {
    let values = headers.get_all(http::header::CONTENT_LENGTH).iter();
    let lengths: Vec<usize> = values
        .filter_map(|value| value.to_str().ok()?.parse().ok())
        .collect();
    let chunked = headers.contains_key(http::header::TRANSFER_ENCODING);
    let (first, last) = (lengths.first().copied(), lengths.last().copied());
    match (first, last, twist) {
        (Some(first), _, Twist::LengthOverChunks) if chunked => Length::Bytes(first),
        (Some(_), _, Twist::ChunksOverLength) if chunked => Length::Chunks,
        (Some(_), ..) if chunked => Length::Refused,
        (None, ..) if chunked => Length::Chunks,
        (Some(first), Some(last), Twist::FirstLength) if first != last => Length::Bytes(first),
        (Some(first), Some(last), Twist::LastLength) if first != last => Length::Bytes(last),
        (Some(first), Some(last), _) if first != last => Length::Refused,
        (first, ..) => Length::Bytes(first.unwrap_or_default()),
    }
}

/// A chunked body without trailers (RFC 9112 §7.1).
async fn read_chunks<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut BytesMut) -> Option<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let (head, size) = match httparse::parse_chunk_size(buffer).ok()? {
            httparse::Status::Complete(found) => found,
            httparse::Status::Partial if stream.read_buf(buffer).await.ok()? > 0 => continue,
            httparse::Status::Partial => return None,
        };
        let size = usize::try_from(size).ok().filter(|size| *size <= MOST_CHUNK)?;
        let chunk = read_body(stream, buffer, head + size + 2).await?;
        body.extend_from_slice(chunk.get(head..head + size)?);
        if size == 0 {
            return Some(body.freeze());
        }
    }
}

/// Whether the connection may carry another exchange.
fn stays(answer: &Answer) -> bool {
    let close = answer.headers.get(http::header::CONNECTION);
    !answer.old
        && close.is_none_or(|value| value != "close")
        && matches!(answer.framing, Framing::Length | Framing::AsSaid)
}

fn written(answer: &Answer) -> Vec<u8> {
    let version = if answer.old { "HTTP/1.0" } else { "HTTP/1.1" };
    let status = StatusCode::from_u16(answer.status).ok();
    let reason = status
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    let mut bytes = Vec::new();
    if answer.hints {
        bytes.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\nlink: </docs>; rel=preload\r\n\r\n");
    }
    bytes.extend_from_slice(format!("{version} {} {reason}\r\n", answer.status).as_bytes());
    for (name, value) in &answer.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let bodiless = matches!(answer.status, 204 | 304);
    let length = answer.body.len();
    match answer.framing {
        _ if bodiless => {}
        Framing::AsSaid => {}
        Framing::Length => bytes.extend_from_slice(format!("content-length: {length}\r\n").as_bytes()),
        Framing::TooLong => {
            bytes.extend_from_slice(format!("content-length: {}\r\n", length + 400).as_bytes())
        }
        Framing::UnendedChunks => bytes.extend_from_slice(b"transfer-encoding: chunked\r\n"),
    }
    bytes.extend_from_slice(b"\r\n");
    if answer.framing == Framing::UnendedChunks {
        bytes.extend_from_slice(format!("{length:x}\r\n").as_bytes());
        bytes.extend_from_slice(&answer.body);
        bytes.extend_from_slice(b"\r\n");
    } else if !bodiless {
        bytes.extend_from_slice(&answer.body);
    }
    bytes
}
