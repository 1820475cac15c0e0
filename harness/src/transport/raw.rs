//! Bytes that no library would write, and what comes back. A connection of its own carries them, and no more is read than
//! tells what the server made of them.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http::Request;
use http_body_util::Full;
use httparse::{EMPTY_HEADER, Response, Status, parse_chunk_size};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use crate::model::heard::Heard;
use crate::model::probe::Raw;
use crate::transport::hello;

/// No more bytes of an answer than this are read.
const MOST_READ: usize = 64 * 1024;
/// No more header field lines of one answer are read.
const MOST_HEADERS: usize = 1_000;
/// Answers after which no more are read: the second one tells.
const ENOUGH: usize = 2;

/// What ends every hand-written request: no request line (RFC 9112 §3), so whoever is still listening refuses it and closes,
/// and nobody has to wait for a server that has nothing more to say.
const END: &[u8] = b"GREENLIGHT-ENDS-HERE\r\n\r\n";

/// The bytes to write for a request to this host.
pub(crate) fn bytes(raw: Raw, request: &Request<Full<Bytes>>, host: &str) -> Vec<u8> {
    let hidden = head(request, "", "-hidden");
    let length = hidden.len();
    match raw {
        Raw::TwoFramings => {
            let size = format!("{length:x}\r\n");
            let lines = format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", size.len());
            let outer = head(request, &lines, "");
            [outer.as_slice(), size.as_bytes(), &hidden, b"\r\n0\r\n\r\n", END].concat()
        }
        Raw::ShortThenLong => {
            let outer = head(
                request,
                &format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
                "",
            );
            [outer.as_slice(), &hidden, END].concat()
        }
        Raw::LongThenShort => {
            let outer = head(
                request,
                &format!("Content-Length: {length}\r\nContent-Length: 0\r\n"),
                "",
            );
            [outer.as_slice(), &hidden, END].concat()
        }
        Raw::OldTls => hello::old_client_hello(host, &random()),
    }
}

/// The head of the request with these lines besides, and this behind its request id, by which a log tells it apart.
fn head(request: &Request<Full<Bytes>>, lines: &str, suffix: &str) -> Vec<u8> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut head = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        let suffix = if name == "x-request-id" { suffix } else { "" };
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(suffix.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(lines.as_bytes());
    head.extend_from_slice(b"\r\n");
    head
}

/// The random bytes of a ClientHello: no key is made of them, so the time will do (as RFC 5246 §7.4.1.2 had it of the first four).
fn random() -> [u8; 32] {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut random = [0x5a; 32];
    random[..16].copy_from_slice(&now.as_nanos().to_be_bytes());
    random
}

/// Writes the bytes, and listens until it is clear what the server made of them, the connection ends, or the time is over.
pub(crate) async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    raw: Raw,
    bytes: &[u8],
    until: Instant,
) -> Heard {
    let mut came = BytesMut::new();
    let listening = async {
        // A server that refuses may close before it has read everything: its answer counts, not our write.
        if stream.write_all(bytes).await.is_ok() {
            let _ = stream.flush().await;
        }
        while came.len() < MOST_READ && !is_clear(raw, &came) {
            match stream.read_buf(&mut came).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
        }
    };
    let in_time = timeout_at(until, listening).await.is_ok();
    heard(raw, &came, in_time)
}

/// Whether nothing that may still come would change what was heard.
fn is_clear(raw: Raw, came: &[u8]) -> bool {
    match raw {
        Raw::TwoFramings | Raw::ShortThenLong | Raw::LongThenShort => statuses(came).len() >= ENOUGH,
        Raw::OldTls => hello::said(came).is_some(),
    }
}

/// What came, when nothing more will.
fn heard(raw: Raw, came: &[u8], in_time: bool) -> Heard {
    if came.is_empty() {
        return if in_time { Heard::Closed } else { Heard::Silence };
    }
    match raw {
        Raw::TwoFramings | Raw::ShortThenLong | Raw::LongThenShort => match statuses(came) {
            none if none.is_empty() => Heard::Else,
            statuses => Heard::Answers(statuses),
        },
        Raw::OldTls => hello::said(came).unwrap_or(Heard::Else),
    }
}

/// The status codes of the answers that begin here, interim ones left out.
fn statuses(mut came: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    while statuses.len() < ENOUGH {
        let Some((status, rest)) = answer(came) else { break };
        statuses.extend((status >= 200).then_some(status));
        came = rest;
    }
    statuses
}

/// The status of the answer that begins here, and what follows its body, which is nothing while the body is not whole.
fn answer(came: &[u8]) -> Option<(u16, &[u8])> {
    let mut headers = vec![EMPTY_HEADER; MOST_HEADERS];
    let mut response = Response::new(&mut headers);
    let Ok(Status::Complete(head)) = response.parse(came) else {
        return None;
    };
    let status = response.code?;
    let rest = came.get(head..)?;
    let value = |name: &str| {
        let found = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    // RFC 9112 §6.3.
    let rest = match (status, value("transfer-encoding"), value("content-length")) {
        (100..200 | 204 | 304, ..) => Some(rest),
        (_, Some(_), _) => after_chunks(rest),
        (_, None, Some(length)) => length
            .trim()
            .parse()
            .ok()
            .and_then(|length: usize| rest.get(length..)),
        (_, None, None) => None,
    };
    Some((status, rest.unwrap_or_default()))
}

/// What follows a chunked body without trailers (RFC 9112 §7.1).
fn after_chunks(mut body: &[u8]) -> Option<&[u8]> {
    loop {
        let Ok(Status::Complete((head, size))) = parse_chunk_size(body) else {
            return None;
        };
        let size = usize::try_from(size).ok()?;
        body = body.get(head..)?.get(size..)?.strip_prefix(b"\r\n")?;
        if size == 0 {
            return Some(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn request() -> Request<Full<Bytes>> {
        let request = Request::get("http://api.example/v1/health").header("host", "api.example");
        request
            .header("x-request-id", "gl-1")
            .body(Full::default())
            .unwrap()
    }

    fn written(raw: Raw) -> String {
        String::from_utf8(bytes(raw, &request(), "api.example")).unwrap()
    }

    /// The head and what follows it.
    fn parts(raw: Raw) -> (String, String) {
        let written = written(raw);
        let (head, rest) = written.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), rest.to_owned())
    }

    const HIDDEN: &str = "GET /v1/health HTTP/1.1\r\nhost: api.example\r\nx-request-id: gl-1-hidden\r\n\r\n";

    #[test]
    fn who_goes_by_the_chunks_sees_one_request_and_who_goes_by_the_length_two() {
        let (head, rest) = parts(Raw::TwoFramings);
        assert!(
            head.contains("Transfer-Encoding: chunked") && head.contains("x-request-id: gl-1\r\n"),
            "{head}"
        );
        let length: usize = head
            .split("Content-Length: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(rest[length..].starts_with(HIDDEN), "{rest}");
        let after = after_chunks(rest.as_bytes()).unwrap();
        assert_eq!(after, END, "the chunks hold the hidden request and nothing else");
    }

    #[test]
    fn two_lengths_are_none_and_that_of_the_hidden_request() {
        for (raw, order) in [
            (Raw::ShortThenLong, [0, HIDDEN.len()]),
            (Raw::LongThenShort, [HIDDEN.len(), 0]),
        ] {
            let (head, rest) = parts(raw);
            let lengths: Vec<usize> = head
                .lines()
                .filter_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok())
                .collect();
            assert_eq!(lengths, order);
            assert_eq!(rest.as_bytes(), [HIDDEN.as_bytes(), END].concat());
        }
    }

    #[test]
    fn answers_are_counted_by_their_framing() {
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\nHTTP/1.1 500 No\r\n\r\n";
        let chunked = "HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let bare = "HTTP/1.1 400 Bad Request\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
        let hints = "HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n";
        assert_eq!(statuses(format!("{hints}{ok}{chunked}").as_bytes()), [200, 201]);
        assert_eq!(statuses(format!("{chunked}{bare}").as_bytes()), [201, 400]);
        assert_eq!(
            statuses(bare.as_bytes()),
            [400],
            "without a length, the body is all that comes"
        );
        assert_eq!(
            statuses(&ok.as_bytes()[..40]),
            [200],
            "a body that is not whole hides nothing"
        );
        assert_eq!(heard(Raw::TwoFramings, b"SSH-2.0-x\r\n", true), Heard::Else);
        assert_eq!(heard(Raw::TwoFramings, b"", true), Heard::Closed);
        assert_eq!(heard(Raw::OldTls, b"", false), Heard::Silence);
    }

    #[tokio::test]
    async fn a_server_that_never_stops_is_heard_to_a_bound() {
        let (mut ours, mut theirs) = tokio::io::duplex(4_096);
        let server = tokio::spawn(async move { while theirs.write_all(&[0; 4_096]).await.is_ok() {} });
        let soon = Instant::now() + Duration::from_secs(30);
        let heard = talk(&mut ours, Raw::LongThenShort, b"", soon).await;
        drop(ours);
        assert_eq!(heard, Heard::Else);
        server.await.unwrap();
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read(came in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = statuses(&came);
        }

        #[test]
        fn whatever_follows_a_head_is_read(length in any::<u64>(), body in "[0-9a-f\r\n ;HTP/]{0,200}") {
            let _ = statuses(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes());
            let _ = statuses(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n{body}").as_bytes());
        }
    }
}
