//! What an answer looks like in the recording.

use greenlight::model::capture::End;
use greenlight::model::exchange::{Phase, WireFault};
use greenlight::model::probe::{Body, Probe, Text};
use tokio::io::AsyncWriteExt as _;

use crate::support::server::{Server, answer, head, request};
use crate::support::{attempt, failure, get, reply, transport};

#[tokio::test]
async fn status_headers_body_and_phases_are_captured() {
    let headers = ["x-a: 1", "X-A: 2", "set-cookie: a=b", "x-latin: caf\u{e9}"];
    let bytes = answer("418 I'm a teapot", &headers, "short and stout");
    let server = Server::answering(move |_| bytes.clone()).await;
    let attempt = attempt(&transport(&server.base()), &get("/pot?x=1")).await;
    let reply = reply(&attempt);
    assert_eq!((reply.status, reply.version.as_str()), (418, "HTTP/1.1"));
    assert_eq!(reply.values("x-a").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(&reply.body.bytes[..], b"short and stout");
    assert_eq!((reply.body.end, reply.body.wire_length), (End::Complete, 15));
    let phases = attempt.phases;
    assert!(phases.connect.is_some() && phases.wait.is_some() && phases.transfer.is_some());
    assert!(phases.dns.is_none() && phases.tls.is_none(), "{phases:?}");
    assert_eq!(
        attempt.sent.as_ref().unwrap().url,
        format!("{}/pot?x=1", server.base())
    );
    let seen = &server.seen()[0];
    assert_eq!(seen.line(), "GET /pot?x=1");
    assert_eq!(seen.header("host"), Some(server.address.to_string().as_str()));
}

#[tokio::test]
async fn a_hundred_and_fifty_headers_are_an_answer() {
    let lines: Vec<String> = (0..150).map(|n| format!("x-{n}: {n}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let server = Server::once(answer("200 OK", &lines, "")).await;
    let attempt = attempt(&transport(&server.base()), &get("/")).await;
    assert_eq!(reply(&attempt).headers.len(), 151);
}

#[tokio::test]
async fn ten_thousand_headers_are_a_head_that_is_too_large() {
    let lines = "x: y\r\n".repeat(10_000);
    let server = Server::once(format!("HTTP/1.1 200 OK\r\n{lines}\r\n")).await;
    let attempt = attempt(&transport(&server.base()), &get("/")).await;
    let error = failure(&attempt);
    assert_eq!((error.phase, error.fault), (Phase::Head, WireFault::HeadTooLarge));
}

#[tokio::test]
async fn a_head_without_an_end_is_a_head_that_is_too_large() {
    let server = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-long: ").await;
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {}
    })
    .await;
    let attempt = attempt(&transport(&server.base()), &get("/")).await;
    assert_eq!(failure(&attempt).fault, WireFault::HeadTooLarge);
}

#[tokio::test]
async fn http_1_0_and_bodies_that_end_with_the_connection_are_answers() {
    let server = Server::once("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end").await;
    let attempt = attempt(&transport(&server.base()), &get("/")).await;
    let reply = reply(&attempt);
    assert_eq!(
        (reply.version.as_str(), reply.body.end),
        ("HTTP/1.0", End::Complete)
    );
    assert_eq!(&reply.body.bytes[..], b"until the end");
}

#[tokio::test]
async fn answers_without_a_body_leave_the_connection_usable() {
    let server = Server::answering(|request| match request.line().as_str() {
        "GET /204" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "GET /304" => b"HTTP/1.1 304 Not Modified\r\ncontent-length: 77\r\n\r\n".to_vec(),
        "HEAD /" => b"HTTP/1.1 200 OK\r\ncontent-length: 77\r\ncontent-encoding: gzip\r\n\r\n".to_vec(),
        _ => answer("200 OK", &[], "body"),
    })
    .await;
    let transport = transport(&server.base());
    for (probe, status) in [
        (get("/204"), 204),
        (get("/304"), 304),
        (Probe::request("HEAD", "/").build(), 200),
        (get("/"), 200),
    ] {
        let attempt = attempt(&transport, &probe).await;
        assert_eq!((reply(&attempt).status, attempt.conn), (status, Some(0)));
        assert_eq!(
            (reply(&attempt).body.end, &reply(&attempt).body.undecodable),
            (End::Complete, &None)
        );
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn interim_answers_are_not_the_answer() {
    let bytes = [
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    ];
    let server = Server::once(bytes.concat()).await;
    let attempt = attempt(&transport(&server.base()), &get("/")).await;
    assert_eq!(reply(&attempt).status, 200);
}

#[tokio::test]
async fn what_greets_before_it_is_asked_does_not_speak_http() {
    let server = Server::scripted(|_, mut stream| async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await;
        let _ = request(&mut stream).await;
    })
    .await;
    let attempt = attempt(&transport(&server.base()), &get("/")).await;
    assert_eq!(failure(&attempt).fault, WireFault::NotHttp);
}

#[tokio::test]
async fn what_answers_in_another_protocol_does_not_speak_http() {
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x0a",
        b"HTTP/1.1 abc\r\n\r\n",
    ] {
        let server = Server::once(garbage).await;
        let attempt = attempt(&transport(&server.base()), &get("/")).await;
        assert_eq!(failure(&attempt).fault, WireFault::NotHttp, "{garbage:?}");
    }
}

/// Larger than what fits into the buffers of both ends.
fn upload() -> Probe {
    let body = Body::Text {
        media_type: "audio/wav".into(),
        text: Text::Lit("x".repeat(8 * 1024 * 1024)),
    };
    Probe::request("POST", "/").body(body).build()
}

/// A server that refuses a large upload at once, with most of it unread, closes with a reset behind its answer. It runs in
/// a thread of its own, so that the reset arrives while we write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_413_is_read_although_the_upload_breaks() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let refusal = answer(
            "413 Content Too Large",
            &["connection: close"],
            "{\"detail\":\"too large\"}",
        );
        for (round, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut some = vec![0; if round % 2 == 0 { 512 } else { 1 << 20 }];
            let _ = stream.read(&mut some);
            let _ = stream.write_all(&refusal);
        }
    });
    let (transport, probe) = (transport(&base), upload());
    for round in 0..60 {
        let attempt = attempt(&transport, &probe).await;
        let reply = reply(&attempt);
        assert_eq!(reply.status, 413, "round {round}");
        assert_eq!(&reply.body.bytes[..], b"{\"detail\":\"too large\"}");
    }
}

#[tokio::test]
async fn an_upload_that_breaks_without_an_answer_is_a_reset() {
    let server = Server::scripted(|_, mut stream| async move { head(&mut stream).await }).await;
    let attempt = attempt(&transport(&server.base()), &upload()).await;
    assert_eq!(failure(&attempt).fault, WireFault::Reset);
}
