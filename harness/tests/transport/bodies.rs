//! Bodies: how they end, how much of them is kept, and what they are coded in.

use std::io::Write as _;
use std::time::Duration;

use greenlight::model::capture::{Captured, End};
use greenlight::model::target::Target;
use greenlight::transport::http::{Settings, Transport};
use tokio::io::AsyncWriteExt as _;

use crate::support::server::{Server, answer, head, request, silence};
use crate::support::{AMPLE, SHORT, attempt_within, get, reply, target};

/// Small bounds, so that tests reach them.
fn bounded(server: &Server) -> Target {
    let mut target = target(&server.base());
    target.bounds.body_keep = 1024;
    target.bounds.body_read = 256 * 1024;
    target
}

async fn body_within(server: &Server, within: Duration) -> Captured {
    let transport = Transport::new(bounded(server), Settings::default()).unwrap();
    reply(&attempt_within(&transport, &get("/"), within).await)
        .body
        .clone()
}

async fn body(server: &Server) -> Captured {
    body_within(server, AMPLE).await
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_that_stops_before_its_length_is_short() {
    let server = Server::once("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await;
    let body = body(&server).await;
    assert_eq!((&body.bytes[..], body.end), (&b"only this"[..], End::Short));
}

#[tokio::test]
async fn chunks_that_are_broken_or_missing_leave_a_short_body() {
    for tail in [
        "zz\r\nmore\r\n0\r\n\r\n",
        "4\r\nmo",
        "",
        "fffffffffffffffffff\r\nx",
    ] {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nsome\r\n";
        let body = body(&Server::once(format!("{head}{tail}")).await).await;
        assert_eq!(body.end, End::Short, "{tail:?}");
        assert!(body.bytes.starts_with(b"some"), "{tail:?}");
    }
}

#[tokio::test]
async fn a_reset_inside_a_body_is_a_reset() {
    let server = Server::scripted(|_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this")
            .await;
        // The client has the first part before the reset overtakes it.
        tokio::time::sleep(Duration::from_millis(200)).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let body = body(&server).await;
    assert_eq!((&body.bytes[..], body.end), (&b"only this"[..], End::Reset));
}

#[tokio::test]
async fn an_endless_body_is_cut_and_costs_what_is_kept() {
    let server = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
    })
    .await;
    let body = body(&server).await;
    assert_eq!((body.bytes.len(), body.end), (1024, End::Cut));
    assert!(
        (256 * 1024..1024 * 1024).contains(&body.wire_length),
        "{}",
        body.wire_length
    );
}

#[tokio::test]
async fn a_body_that_drips_ends_at_the_deadline_with_what_came() {
    let server = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            .await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let dripped = body_within(&server, SHORT).await;
    assert_eq!(dripped.end, End::Deadline);
    assert!((1..1000).contains(&dripped.bytes.len()));

    let stalls = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome")
            .await;
        silence(stream).await;
    })
    .await;
    let stalled = body_within(&stalls, SHORT).await;
    assert_eq!((&stalled.bytes[..], stalled.end), (&b"some"[..], End::Deadline));
}

#[tokio::test]
async fn content_codings_are_undone_and_told() {
    let text = b"{\"detail\": \"hello hello hello\"}";
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(text).unwrap();
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    brotli.write_all(text).unwrap();
    for (coding, coded) in [
        ("gzip", gzip(text)),
        ("deflate", zlib.finish().unwrap()),
        ("br", brotli.into_inner()),
        ("identity", text.to_vec()),
    ] {
        let header = format!("content-encoding: {coding}");
        let server = Server::once(answer("200 OK", &[&header], &coded)).await;
        let body = body(&server).await;
        assert_eq!(
            (&body.bytes[..], body.end),
            (&text[..], End::Complete),
            "{coding}"
        );
        assert_eq!(body.wire_length, coded.len() as u64);
        let undone: &[&str] = if coding == "identity" { &[] } else { &[coding] };
        assert_eq!(
            (&body.undone[..], &body.undecodable),
            (
                &undone.iter().map(ToString::to_string).collect::<Vec<_>>()[..],
                &None
            )
        );
    }
}

#[tokio::test]
async fn a_bomb_is_cut() {
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < 256 * 1024, "{}", bomb.len());
    let server = Server::once(answer("200 OK", &["content-encoding: gzip"], &bomb)).await;
    let body = body(&server).await;
    assert_eq!((body.bytes.len(), body.end), (1024, End::Cut));
}

#[tokio::test]
async fn a_coding_that_cannot_be_undone_is_said_so() {
    for (coding, coded, said) in [
        ("gzip", &b"plain text"[..], "not what its content coding says"),
        (
            "br",
            b"\xff\xff\xff\xff\xff\xff",
            "not what its content coding says",
        ),
        ("gzip", &gzip(b"hello")[..12], "ends too early"),
        ("zstd", b"abc", "\"zstd\" is not known here"),
        ("gzip, br", b"abc", "2 content codings at once"),
    ] {
        let header = format!("content-encoding: {coding}");
        let server = Server::once(answer("200 OK", &[&header], coded)).await;
        let body = body(&server).await;
        let why = body.undecodable.unwrap_or_default();
        assert!(why.contains(said), "{coding}: {why}");
        assert_eq!(body.wire_length, coded.len() as u64);
    }
}

#[tokio::test]
async fn json_is_kept_longer_than_anything_else() {
    let long = format!("[{}1]", "1,".repeat(3_000));
    let server = Server::once(answer("200 OK", &["content-type: application/json"], &long)).await;
    let json = body(&server).await;
    assert_eq!((json.bytes.len(), json.end), (long.len(), End::Complete));
    let server = Server::once(answer("200 OK", &["content-type: text/plain"], &long)).await;
    let text = body(&server).await;
    assert_eq!((text.bytes.len(), text.end), (1024, End::Cut));
}
