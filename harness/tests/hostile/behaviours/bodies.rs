//! Bodies without end, of the wrong length, or packed to burst.

use std::io::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use crate::behaviours::{Behaviour, answers, answers_once, script};
use crate::server::{Request, endless};

pub(crate) const ALL: &[Behaviour] = &[
    script("an-endless-body", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
                .await;
            endless(stream, &[b'x'; 65_536]).await;
        })
    }),
    script("an-endless-json-body", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[0")
                .await;
            endless(stream, &b",[{}]".repeat(10_000)).await;
        })
    }),
    script("endless-chunks", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\n")
                .await;
            endless(stream, &b"1\r\n\x1b\r\n".repeat(5_000)).await;
        })
    }),
    script("an-endless-chunk-extension", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;")
                .await;
            endless(stream, &[b'e'; 65_536]).await;
        })
    }),
    script("endless-trailers", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
                .await;
            endless(stream, &b"x-trailer: more\r\n".repeat(4_000)).await;
        })
    }),
    script("a-body-of-one-byte-a-second", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n";
            let _ = stream.write_all(head).await;
            while stream.write_all(b"{").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        })
    }),
    answers("a-bad-chunk", |_| chunked(b"zz\r\n{}\r\n0\r\n\r\n")),
    answers("a-chunk-beyond-measure", |_| {
        chunked(b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n")
    }),
    answers("a-chunk-that-would-fill-the-memory", |_| {
        chunked(b"7fffffffffffffff\r\n{}\r\n")
    }),
    answers("a-chunk-longer-than-it-says", |_| {
        chunked(b"1\r\n{\"a\":1}\r\n0\r\n\r\n")
    }),
    answers_once("a-body-shorter-than-it-says", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"status\":"
            .to_vec()
    }),
    answers("a-body-longer-than-it-says", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}{\"more\":\"than\"}"
            .to_vec()
    }),
    answers("a-gzip-bomb", |_| coded("gzip", "text/plain", &GZIP)),
    answers("a-gzip-bomb-of-json", |_| {
        coded("gzip", "application/json", &GZIP_JSON)
    }),
    answers("a-gzip-bomb-of-many-members", |_| {
        coded("gzip", "text/plain", &EMPTY_MEMBERS)
    }),
    answers("a-deflate-bomb", |_| coded("deflate", "application/json", &ZLIB)),
    answers("a-brotli-bomb", |_| coded("br", "application/json", &BROTLI)),
    answers("a-bomb-in-a-bomb", |_| {
        coded("gzip, gzip, br, gzip", "text/plain", &GZIP)
    }),
    answers("gzip-that-is-cut", |_| {
        coded("gzip", "application/json", &GZIP[..2_000])
    }),
    answers("gzip-that-is-none", |_| {
        coded("gzip", "application/json", b"\x1f\x8b\x08\x1b[2J no gzip \x9b2J")
    }),
    answers("a-coding-of-escapes", |_| {
        coded("\u{9b}2J", "text/plain", b"plain")
    }),
];

static GZIP: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![0; 40 << 20]));

static GZIP_JSON: LazyLock<Vec<u8>> =
    LazyLock::new(|| gzip(format!("[{}0]", "[{}],".repeat(350_000)).as_bytes()));

static EMPTY_MEMBERS: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(b"").repeat(50_000));

static ZLIB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b'['; 40 << 20]).unwrap();
    encoder.finish().unwrap()
});

static BROTLI: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut coded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut coded, 4096, 1, 22);
    encoder.write_all(&vec![b'{'; 20 << 20]).unwrap();
    drop(encoder);
    coded
});

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    [head, body].concat()
}

fn coded(coding: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
