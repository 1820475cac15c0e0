//! Connections that stop, break or speak something else, at every phase.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::behaviours::{Behaviour, answers_once, script, tls};
use crate::server::{Request, answer, endless, silence};

/// The whole of a small good answer, of which others send a part.
const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{\"status\":\"healthy\"}";

pub(crate) const ALL: &[Behaviour] = &[
    script("accepts-and-says-nothing", |stream| Box::pin(silence(stream))),
    script("closes-at-once", |stream| Box::pin(async move { drop(stream) })),
    script("resets-at-once", |stream| Box::pin(async move { reset(&stream) })),
    script("resets-after-the-request", |stream| resets_after(stream, b"")),
    script("resets-inside-the-status-line", |stream| {
        resets_after(stream, &GOOD[..7])
    }),
    script("resets-inside-the-head", |stream| {
        resets_after(stream, &GOOD[..30])
    }),
    script("resets-after-the-head", |stream| {
        resets_after(stream, &GOOD[..71])
    }),
    script("resets-inside-the-body", |stream| {
        resets_after(stream, &GOOD[..80])
    }),
    script("resets-inside-a-chunk", |stream| {
        resets_after(
            stream,
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc",
        )
    }),
    script("resets-while-it-is-being-sent", |mut stream| {
        Box::pin(async move {
            let _ = stream.read_u8().await;
            reset(&stream);
        })
    }),
    answers_once("closes-inside-the-head", |_| GOOD[..40].to_vec()),
    answers_once("closes-after-every-answer", |_| GOOD.to_vec()),
    script("answers-then-hangs", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            let _ = stream.write_all(GOOD).await;
            silence(stream).await;
        })
    }),
    script("always-just-in-time", |mut stream| {
        Box::pin(async move {
            while Request::read(&mut stream).await.is_some() {
                sleep(Duration::from_millis(240)).await;
                if stream.write_all(GOOD).await.is_err() {
                    return;
                }
            }
        })
    }),
    script("answers-before-it-is-asked", |mut stream| {
        Box::pin(async move {
            let _ = stream.write_all(GOOD).await;
            silence(stream).await;
        })
    }),
    answers_once("answers-twice", |_| [GOOD, GOOD].concat()),
    answers_once("garbage-for-http", |_| garbage(4096)),
    answers_once("a-greeting-of-ssh", |_| b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
    answers_once("tls-for-http", |_| b"\x15\x03\x03\x00\x02\x02\x46".to_vec()),
    answers_once("http2-for-http", |_| {
        b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64".to_vec()
    }),
    answers_once("http09-for-http", |_| b"<html><body>hello</body></html>".to_vec()),
    script("endless-zeros-for-http", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            endless(stream, &[0; 65_536]).await;
        })
    }),
    script("endless-line-feeds-for-http", |mut stream| {
        Box::pin(async move {
            let _ = Request::read(&mut stream).await;
            endless(stream, &[b'\n'; 65_536]).await;
        })
    }),
    tls("garbage-for-tls", |mut stream| {
        Box::pin(async move {
            let _ = stream.read_u8().await;
            let _ = stream.write_all(&garbage(4096)).await;
            silence(stream).await;
        })
    }),
    tls("http-for-tls", |mut stream| {
        Box::pin(async move {
            let _ = stream.read_u8().await;
            let _ = stream
                .write_all(&answer("400 Bad Request", &[], "speak HTTP"))
                .await;
        })
    }),
    tls("an-alert-for-tls", |mut stream| {
        Box::pin(async move {
            let _ = stream.read_u8().await;
            let _ = stream.write_all(b"\x15\x03\x03\x00\x02\x02\x28").await;
        })
    }),
    tls("a-handshake-that-never-ends", |stream| Box::pin(silence(stream))),
    tls("a-handshake-that-is-cut", |mut stream| {
        Box::pin(async move {
            let _ = stream.read_u8().await;
            let _ = stream
                .write_all(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03")
                .await;
        })
    }),
    tls("endless-handshake-records", |stream| {
        Box::pin(endless(stream, b"\x16\x03\x03\x00\x04\x02\xff\xff\xff"))
    }),
];

/// Bytes that look like nothing, and hold every control character.
fn garbage(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Makes the connection end with RST instead of FIN.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

/// Sends so much of an answer, and resets.
fn resets_after(mut stream: TcpStream, bytes: &'static [u8]) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let _ = Request::read(&mut stream).await;
        let _ = stream.write_all(bytes).await;
        // What was sent must have arrived, or the reset overtakes it.
        sleep(Duration::from_millis(20)).await;
        reset(&stream);
    })
}
