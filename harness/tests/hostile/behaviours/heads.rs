//! Heads that are too much, or not what HTTP allows.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use crate::behaviours::{Behaviour, answers, answers_once, script};
use crate::server::{Request, answer, endless};

pub(crate) const ALL: &[Behaviour] = &[
    script("a-head-of-one-byte-a-second", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: " {
                let _ = stream.write_all(&[*byte]).await;
                sleep(Duration::from_secs(1)).await;
            }
        })
    }),
    script("an-endless-head", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            endless(stream, b"x-more: and more\r\n").await;
        })
    }),
    script("endless-interim-answers", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            endless(
                stream,
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
            )
            .await;
        })
    }),
    answers("ten-thousand-headers", |_| {
        let headers = many(10_000, "value");
        with(&headers, "{}")
    }),
    answers("as-many-headers-as-are-read", |_| {
        let value = "v".repeat(200);
        with(&many(1_990, &value), r#"{"status":"healthy"}"#)
    }),
    answers("a-huge-header", |_| {
        with(&[format!("x-huge: {}", "h".repeat(1 << 20))], "{}")
    }),
    answers("a-header-as-large-as-is-read", |_| {
        with(&[format!("x-large: {}", "h".repeat(500_000))], "{}")
    }),
    answers("a-header-without-a-name", |_| with(&[": nameless".into()], "{}")),
    answers("a-header-without-a-colon", |_| {
        with(&["this is no header".into()], "{}")
    }),
    answers("nul-in-a-header", |_| with(&["x-nul: a\0b".into()], "{}")),
    answers("an-escape-in-a-header", |_| {
        with(&["x-escape: \u{1b}]0;owned\u{7}\u{1b}[2J".into()], "{}")
    }),
    answers("c1-controls-in-headers", |_| {
        let mut bytes =
            b"HTTP/1.1 500 \x9b31mred\r\ncontent-length: 2\r\ncontent-type: text/\x9b31m; charset=\x9b2J\r\n"
                .to_vec();
        bytes.extend_from_slice(
            b"access-control-allow-origin: https://app.example\x9b2J\r\nserver: \x9b2J\x9d0;owned\x9c\r\n",
        );
        bytes.extend_from_slice(
            b"location: /\x9b2J\r\nwww-authenticate: Bearer realm=\"\x9b2J\"\r\nallow: \x9b2J\r\n\r\n{}",
        );
        bytes
    }),
    answers("invalid-utf8-in-headers", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-bad: \xff\xfe\xc3\x28\xf0\x9f\r\nvary: \xff\r\n\r\n{}"
            .to_vec()
    }),
    answers("a-folded-header", |_| {
        with(&["x-folded: one\r\n two\r\n\tthree".into()], "{}")
    }),
    answers("two-lengths", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2000\r\n\r\n{}".to_vec()
    }),
    answers("a-negative-length", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}".to_vec()
    }),
    answers("a-length-beyond-measure", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n{}".to_vec()
    }),
    answers("a-length-that-would-fill-the-memory", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551000\r\n\r\n{}".to_vec()
    }),
    answers("length-and-chunks", |_| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            .to_vec()
    }),
    answers("an-unknown-transfer-coding", |_| {
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: bogus\r\n\r\n{}".to_vec()
    }),
    answers_once("status-000", |_| {
        b"HTTP/1.1 000 Nothing\r\ncontent-length: 0\r\n\r\n".to_vec()
    }),
    answers("status-999", |_| answer("999 \u{202e}Beyond", &[], "{}")),
    answers("status-of-words", |_| b"HTTP/1.1 two-hundred OK\r\n\r\n".to_vec()),
    answers("http-of-the-future", |_| {
        b"HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()
    }),
    answers("switches-protocols", |_| {
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x05hello"
            .to_vec()
    }),
    answers("a-body-where-none-may-be", |_| {
        answer("204 No Content", &[], "surprise")
    }),
    answers("redirects-to-itself", |request| {
        let here = format!("location: {}", request.path());
        answer(
            "302 Found",
            &[&here, "content-type: text/html"],
            "<a href=here>here</a>",
        )
    }),
    answers("redirects-to-strange-places", |_| {
        let where_to = format!("location: javascript://%0a{}\u{9b}2J", "a/".repeat(4_000));
        answer(
            "307 Temporary Redirect",
            &[&where_to, "location: //evil.example", "location:"],
            "",
        )
    }),
    answers("a-flood-of-cookies", |_| {
        let cookies: Vec<String> = (0..900)
            .map(|n| format!("set-cookie: c{n}={n}; Path=/; {}", "z; ".repeat(60)))
            .collect();
        with(&cookies, "{}")
    }),
    answers("a-flood-of-cors-headers", |_| {
        let origins = (0..300).map(|n| format!("access-control-allow-origin: https://app{n}.example"));
        let vary = (0..300).map(|_| format!("vary: {}", "origin, ".repeat(80)));
        let lists = (0..50).map(|_| format!("access-control-allow-headers: {}", "a,".repeat(2_000)));
        with(&origins.chain(vary).chain(lists).collect::<Vec<_>>(), "{}")
    }),
];

fn many(count: usize, value: &str) -> Vec<String> {
    (0..count).map(|n| format!("x-{n}: {value}")).collect()
}

/// A JSON answer with these header lines.
fn with(headers: &[String], body: &str) -> Vec<u8> {
    let mut lines: Vec<&str> = headers.iter().map(String::as_str).collect();
    lines.push("content-type: application/json");
    answer("200 OK", &lines, body)
}
