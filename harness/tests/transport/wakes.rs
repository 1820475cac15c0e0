//! A service that sleeps, and how it is woken.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use greenlight::model::exchange::{Exchange, WARM_UP};
use greenlight::model::target::Target;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::drivers::{Scripted, one, run};
use crate::support::server::{Request, Server, answer, request};
use crate::support::{get, target};

/// A target with this deadline of a request and this time to wake, in milliseconds.
fn sleeping(server: &Server, deadline_ms: u64, cold_start_ms: u64) -> Target {
    let mut target = target(&server.base());
    target.bounds.deadline_ms = deadline_ms;
    target.bounds.cold_start_ms = cold_start_ms;
    target
}

fn woke(exchanges: &[Exchange]) -> Vec<Option<u16>> {
    let asked = |exchange: &&Exchange| exchange.askers.iter().any(|asker| asker.0 == WARM_UP);
    exchanges.iter().filter(asked).map(Exchange::status).collect()
}

/// Answers the first connection so late, in milliseconds, and the others at once.
async fn late(ms: u64) -> Server {
    Server::scripted(move |number, mut stream: TcpStream| async move {
        while request(&mut stream).await.is_some() {
            if number == 0 {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            if stream.write_all(&answer("200 OK", &[], "ok")).await.is_err() {
                return;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_first_answer_later_than_the_deadline_and_within_its_time_is_waited_for() {
    let server = late(600).await;
    let mut driver = Scripted::new([vec![one("a", &get("/health"))]]);
    let done = run(&sleeping(&server, 200, 5_000), &mut driver).await;
    assert_eq!(woke(&done.exchanges), [Some(200)]);
    assert_eq!(done.exchanges.len(), 2);
    assert_eq!(done.exchanges[1].status(), Some(200));
    assert_eq!(driver.shown.len(), 1, "the driver is shown what was asked of it");
}

#[tokio::test]
async fn what_a_proxy_answers_meanwhile_is_not_the_service() {
    let count = AtomicUsize::new(0);
    let server = Server::answering(move |_: &Request| match count.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => answer("503 Service Unavailable", &[], "waking"),
        _ => answer("200 OK", &[], "ok"),
    })
    .await;
    let done = run(
        &sleeping(&server, 1_000, 10_000),
        &mut Scripted::new([vec![one("a", &get("/health"))]]),
    )
    .await;
    assert_eq!(woke(&done.exchanges), [Some(503), Some(503), Some(200)]);
    assert_eq!(done.exchanges.last().unwrap().status(), Some(200));
}

#[tokio::test]
async fn when_its_time_is_over_it_is_asked_as_it_is() {
    let server = Server::answering(|_: &Request| answer("503 Service Unavailable", &[], "")).await;
    let done = run(
        &sleeping(&server, 1_000, 700),
        &mut Scripted::new([vec![one("a", &get("/health"))]]),
    )
    .await;
    assert_eq!(woke(&done.exchanges), [Some(503), Some(503)]);
    assert_eq!(done.exchanges.len(), 3);
}

#[tokio::test]
async fn a_service_that_is_not_said_to_sleep_is_asked_nothing_more() {
    let server = Server::answering(|_: &Request| answer("200 OK", &[], "ok")).await;
    let done = run(
        &sleeping(&server, 1_000, 0),
        &mut Scripted::new([vec![one("a", &get("/health"))]]),
    )
    .await;
    assert_eq!((woke(&done.exchanges).len(), server.lines().len()), (0, 1));
}
