use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

const IDLE: Duration = Duration::from_secs(10);
const BUSY: Duration = Duration::from_secs(100);

/// Our end of a connection, and the client's.
fn connection() -> (PatientIo<DuplexStream>, DuplexStream) {
    let (inner, client) = duplex(1024);
    let io = PatientIo {
        inner,
        patience: Patience {
            idle: IDLE,
            busy: BUSY,
        },
        stage: Stage::Idle,
        moved: Instant::now(),
        alarm: Box::pin(sleep(IDLE)),
        guest: Present::default().enter(),
    };
    (io, client)
}

/// How long it takes until nobody waits for the next byte any more.
async fn given_up_after(io: &mut PatientIo<DuplexStream>) -> Duration {
    let began = Instant::now();
    let error = io.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    // A timer is never early, and late by a millisecond at most.
    Duration::from_secs(began.elapsed().as_secs())
}

/// A client says something, and it is read.
async fn hear(io: &mut PatientIo<DuplexStream>, client: &mut DuplexStream, bytes: &[u8]) {
    client.write_all(bytes).await.unwrap();
    let mut read = vec![0; bytes.len()];
    io.read_exact(&mut read).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_waited_for_as_long_as_an_idle_connection() {
    let (mut io, _client) = connection();
    assert_eq!(given_up_after(&mut io).await, IDLE);
}

#[tokio::test(start_paused = true)]
async fn who_began_a_request_is_waited_for_longer_and_whose_is_answered_no_longer() {
    let (mut io, mut client) = connection();
    for _ in 0..3 {
        hear(&mut io, &mut client, b"GET /health HT").await;
        tokio::time::sleep(BUSY - IDLE).await;
        hear(&mut io, &mut client, b"TP/1.1\r\n\r\n").await;
        tokio::time::sleep(BUSY - IDLE).await;
        io.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        tokio::time::sleep(IDLE / 2).await;
    }
    assert_eq!(given_up_after(&mut io).await, IDLE / 2, "since the answer");
    let (mut io, mut client) = connection();
    hear(&mut io, &mut client, b"GET /health HT").await;
    assert_eq!(given_up_after(&mut io).await, BUSY);
}

#[tokio::test(start_paused = true)]
async fn who_was_asked_for_the_rest_is_in_the_middle_of_a_request() {
    let (mut io, mut client) = connection();
    hear(
        &mut io,
        &mut client,
        b"POST / HTTP/1.1\r\nexpect: 100-continue\r\n\r\n",
    )
    .await;
    io.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
    assert_eq!(given_up_after(&mut io).await, BUSY);
}

#[tokio::test(start_paused = true)]
async fn an_answer_among_many_ends_nobody_else_s_request() {
    let (mut io, mut client) = connection();
    hear(&mut io, &mut client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    io.write_all(b"\0\0\0\x04\0\0\0\0\0").await.unwrap();
    assert_eq!(given_up_after(&mut io).await, BUSY);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_its_answer_is_not_waited_for_without_end() {
    let (mut io, _client) = connection();
    let began = Instant::now();
    // More than the client's end holds.
    let error = io.write_all(&[b'x'; 4096]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), IDLE.as_secs());
}
