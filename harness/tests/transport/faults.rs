//! What goes wrong before there is an answer, under its own name.

use greenlight::model::exchange::{Phase, WireFault};
use greenlight::transport::http::{Settings, SetupError, Transport};
use tokio::io::AsyncWriteExt as _;

use crate::support::server::{Server, head, request, silence, vacant};
use crate::support::{SHORT, attempt, attempt_within, failure, get, target, transport};

#[tokio::test]
async fn a_close_without_an_answer_a_reset_and_a_refusal_are_told_apart() {
    let closes = Server::scripted(|_, mut stream| async move {
        request(&mut stream).await;
    })
    .await;
    let closed = attempt(&transport(&closes.base()), &get("/")).await;
    assert_eq!(
        (failure(&closed).phase, failure(&closed).fault),
        (Phase::Wait, WireFault::ClosedWithoutAnswer)
    );

    let resets = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let reset = attempt(&transport(&resets.base()), &get("/")).await;
    assert_eq!(
        (failure(&reset).phase, failure(&reset).fault),
        (Phase::Wait, WireFault::Reset)
    );

    let (_held, nobody) = vacant();
    let refused = attempt(&transport(&format!("http://{nobody}")), &get("/")).await;
    assert_eq!(
        (failure(&refused).phase, failure(&refused).fault),
        (Phase::Connect, WireFault::Refused)
    );
    assert!(refused.sent.is_none() && refused.conn.is_none() && refused.phases.connect.is_some());
}

#[tokio::test]
async fn silence_is_a_timeout_while_waiting() {
    let server = Server::scripted(|_, stream| silence(stream)).await;
    let attempt = attempt_within(&transport(&server.base()), &get("/"), SHORT).await;
    let error = failure(&attempt);
    assert_eq!((error.phase, error.fault), (Phase::Wait, WireFault::TimedOut));
    assert!(attempt.sent.is_some() && attempt.phases.wait.is_some());
}

#[tokio::test]
async fn half_a_head_is_a_timeout_and_half_a_head_and_a_close_is_no_answer() {
    let stalls = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-a").await;
        silence(stream).await;
    })
    .await;
    let stalled = attempt_within(&transport(&stalls.base()), &get("/"), SHORT).await;
    assert_eq!(failure(&stalled).fault, WireFault::TimedOut);
    let closes = Server::once("HTTP/1.1 200 OK\r\nx-a").await;
    let closed = attempt(&transport(&closes.base()), &get("/")).await;
    assert_eq!(failure(&closed).fault, WireFault::ClosedWithoutAnswer);
}

#[tokio::test]
async fn endless_interim_answers_are_a_timeout() {
    let server = Server::scripted(|_, mut stream| async move {
        head(&mut stream).await;
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {}
    })
    .await;
    let attempt = attempt_within(&transport(&server.base()), &get("/"), SHORT).await;
    assert_eq!(failure(&attempt).fault, WireFault::TimedOut);
}

/// A listener whose queue is full accepts no more connections: further SYNs are dropped.
#[tokio::test]
async fn a_connection_that_is_never_accepted_is_a_timeout_while_connecting() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let full = async {
        loop {
            let connecting = tokio::net::TcpStream::connect(address);
            match tokio::time::timeout(SHORT, connecting).await {
                Ok(Ok(stream)) if waiting.len() < 4096 => waiting.push(stream),
                Ok(_) => return false,
                Err(_) => return true,
            }
        }
    };
    if !full.await {
        eprintln!(
            "this kernel accepts connections without end: a timeout while connecting cannot be shown here"
        );
        return;
    }
    let attempt = attempt_within(&transport(&format!("http://{address}")), &get("/"), SHORT).await;
    let error = failure(&attempt);
    assert_eq!((error.phase, error.fault), (Phase::Connect, WireFault::TimedOut));
    assert!(attempt.phases.connect.is_some());
}

#[test]
fn a_base_url_that_cannot_be_used_is_refused_without_its_password() {
    let refused = |base: &str| Transport::new(target(base), Settings::default()).unwrap_err();
    assert!(matches!(refused("ftp://x"), SetupError::Base(_)));
    assert!(matches!(refused("nonsense"), SetupError::Base(_)));
    for base in [
        "http://me:hunter2@x",
        "https://hunter2@x/api",
        "http://me:hunter2@:x",
    ] {
        let error = refused(base);
        assert!(matches!(error, SetupError::Userinfo), "{base}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
