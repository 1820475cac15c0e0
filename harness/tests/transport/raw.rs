//! Bytes written by hand: what goes out, and what is heard of whatever comes back.

use std::process::{Command, Stdio};

use greenlight::model::exchange::WireFault;
use greenlight::model::heard::Heard;
use greenlight::model::probe::{Probe, Raw, Wire};
use greenlight::transport::http::{Settings, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::server::{Server, answer, head, request, silence, vacant};
use crate::support::tls::{Authority, serve};
use crate::support::{SHORT, attempt, attempt_within, failure, heard, target, transport};

fn probe(raw: Raw) -> Probe {
    Probe::get("/health").wire(Wire::Raw(raw)).hostile()
}

const ALL: [Raw; 3] = [Raw::TwoFramings, Raw::ShortThenLong, Raw::LongThenShort];

#[tokio::test]
async fn a_server_that_goes_by_the_length_is_heard_to_answer_twice() {
    // It goes by the first length that it finds, whatever else there is.
    for (raw, fooled) in ALL.into_iter().zip([true, true, false]) {
        let server = Server::answering(|_| answer("200 OK", &[], "ok")).await;
        let attempt = attempt(&transport(&server.base()), &probe(raw)).await;
        let Heard::Answers(statuses) = heard(&attempt) else {
            panic!("{raw:?}: {:?}", heard(&attempt));
        };
        assert_eq!(statuses.as_slice(), [200, 200], "{raw:?}");
        // The second answer is to what is hidden, or to what ends the bytes: this server takes that for a request as well.
        let second = &server.lines()[1];
        let hidden = if fooled {
            "GET /health"
        } else {
            "GREENLIGHT-ENDS-HERE"
        };
        assert_eq!(second, hidden, "{raw:?}");
        assert_eq!(server.seen()[0].header("x-request-id"), Some("gl-test"));
        if fooled {
            assert_eq!(server.seen()[1].header("x-request-id"), Some("gl-test-hidden"));
        }
        assert!(attempt.sent.is_some() && attempt.conn.is_some());
    }
}

#[tokio::test]
async fn a_refusal_closing_resets_and_silence_are_told_apart() {
    let refuses = Server::once(answer("400 Bad Request", &["connection: close"], "no")).await;
    let refused = attempt(&transport(&refuses.base()), &probe(Raw::TwoFramings)).await;
    assert_eq!(*heard(&refused), Heard::Answers(vec![400]));

    let closes = Server::scripted(|_, stream| async move { drop(stream) }).await;
    let closed = attempt(&transport(&closes.base()), &probe(Raw::ShortThenLong)).await;
    assert_eq!(*heard(&closed), Heard::Closed);

    let silent = Server::scripted(|_, stream| silence(stream)).await;
    let silence = attempt_within(&transport(&silent.base()), &probe(Raw::LongThenShort), SHORT).await;
    assert_eq!(*heard(&silence), Heard::Silence);

    let (_held, nobody) = vacant();
    let refused = attempt(&transport(&format!("http://{nobody}")), &probe(Raw::TwoFramings)).await;
    assert_eq!(failure(&refused).fault, WireFault::Refused);
}

#[tokio::test]
async fn what_a_hostile_server_says_is_heard_to_a_bound_and_in_time() {
    let cases: [(&'static [u8], Heard); 5] = [
        (b"\x00\x01\x02garbage \x1b[2J", Heard::Else),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            Heard::Answers(vec![200]),
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
            Heard::Answers(vec![200]),
        ),
        (
            b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n",
            Heard::Answers(vec![400]),
        ),
        (b"HTTP/1.1 200 OK\r\nx: ", Heard::Else),
    ];
    for (bytes, expected) in cases {
        let server = Server::once(bytes).await;
        let attempt = attempt(&transport(&server.base()), &probe(Raw::TwoFramings)).await;
        assert_eq!(*heard(&attempt), expected, "{}", String::from_utf8_lossy(bytes));
    }
    for unit in [&b"HTTP/1.1 100 Continue\r\n\r\n"[..], b"\r\n", b"\x16\x03\x01"] {
        let endless = Server::scripted(move |_, mut stream| async move {
            head(&mut stream).await;
            while stream.write_all(&unit.repeat(1_000)).await.is_ok() {}
        })
        .await;
        for raw in ALL {
            let attempt = attempt(&transport(&endless.base()), &probe(raw)).await;
            assert_eq!(*heard(&attempt), Heard::Else, "{unit:?}");
        }
    }
}

/// A transport to a TLS server on this port, which trusts the authority.
fn over_tls(port: u16, authority: &Authority) -> Transport {
    let settings = Settings {
        ca_pem: Some(authority.pem()),
        ..Settings::default()
    };
    Transport::new(target(&format!("https://localhost:{port}")), settings).unwrap()
}

#[tokio::test]
async fn requests_go_over_tls_and_a_handshake_of_old_is_refused_with_an_alert() {
    let authority = Authority::new();
    let server = serve(
        authority.signs(&["localhost"], 2096),
        &[b"h2", b"http/1.1"],
        |mut stream| async move {
            let _ = request(&mut stream).await;
            let _ = stream.write_all(&answer("400 Bad Request", &[], "no")).await;
            let _ = stream.shutdown().await;
        },
    )
    .await;
    let transport = over_tls(server.address.port(), &authority);
    let refused = attempt(&transport, &probe(Raw::TwoFramings)).await;
    assert_eq!(*heard(&refused), Heard::Answers(vec![400]));
    let connection = &transport.connections()[refused.conn.unwrap() as usize];
    assert_eq!(connection.alpn.as_deref(), Some("http/1.1"));

    let old = attempt(&transport, &probe(Raw::OldTls)).await;
    assert!(matches!(heard(&old), Heard::Alert(_)), "{:?}", heard(&old));
    let connection = &transport.connections()[old.conn.unwrap() as usize];
    assert_eq!(
        (connection.tls.as_deref(), connection.certificates.len()),
        (None, 0)
    );
}

#[tokio::test]
async fn a_server_may_say_anything_to_a_handshake_of_old() {
    let authority = Authority::new();
    let cases: [(&'static [u8], Heard); 6] = [
        (b"", Heard::Closed),
        (b"\x15\x03\x01\x00\x02\x02\x28", Heard::Alert(40)),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Heard::Else),
        (b"\x16\x03\x01\xff\xff", Heard::Else),
        (b"\x16\x03\x01\x00\x04\x02\x00\x00\x00", Heard::Else),
        (b"\x16", Heard::Else),
    ];
    for (bytes, expected) in cases {
        let server = Server::scripted(move |_, mut stream| async move {
            let mut hello = [0; 512];
            let length = stream.read(&mut hello).await.unwrap_or_default();
            assert_eq!(hello[..3], [22, 3, 1], "{length}");
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        })
        .await;
        let attempt = attempt(&over_tls(server.address.port(), &authority), &probe(Raw::OldTls)).await;
        assert_eq!(*heard(&attempt), expected, "{bytes:?}");
    }
}

/// The real thing: OpenSSL still speaks TLS 1.1 when it is told to.
#[tokio::test]
async fn openssl_that_speaks_tls_1_1_goes_on_and_one_that_does_not_refuses() {
    let required =
        std::env::var("GREENLIGHT_REQUIRE").is_ok_and(|tools| tools.split(',').any(|tool| tool == "openssl"));
    if Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        assert!(!required, "openssl is required and not there");
        eprintln!("skipped: openssl is not there");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (
        folder.path().join("key.pem"),
        folder.path().join("certificate.pem"),
    );
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    for (version, expected) in [("-tls1_1", Heard::Hello(0x0302)), ("-tls1_2", Heard::Alert(70))] {
        let port = greenlight::transport::port::free().await.unwrap();
        let mut server = Command::new("openssl")
            .args([
                "s_server",
                "-quiet",
                version,
                "-cipher",
                "ALL:@SECLEVEL=0",
                "-accept",
            ])
            .arg(format!("127.0.0.1:{port}"))
            .arg("-key")
            .arg(&key)
            .arg("-cert")
            .arg(&certificate)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let transport = over_tls(port, &Authority::new());
        let mut tried = attempt(&transport, &probe(Raw::OldTls)).await;
        while matches!(&tried.reply, greenlight::model::exchange::Outcome::Failed(error) if error.fault == WireFault::Refused)
            && server.try_wait().unwrap().is_none()
        {
            tried = attempt(&transport, &probe(Raw::OldTls)).await;
        }
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!(*heard(&tried), expected, "{version}");
    }
}
