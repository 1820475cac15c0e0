//! A service that limits how much may be asked of it, and really does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use greenlight::model::exchange::Exchange;
use greenlight::model::probe::{Ask, Effect, Nature, Probe};
use greenlight::model::refusal::Why;
use tokio::sync::watch;

use crate::support::drivers::{Scripted, asks, one, run};
use crate::support::server::{Request, Server, answer};
use crate::support::{get, target};

/// A server that refuses these many requests first, and says when to come back.
async fn refusing_first(times: usize, retry_after: &'static str) -> Server {
    let count = AtomicUsize::new(0);
    Server::answering(move |_: &Request| {
        if count.fetch_add(1, Ordering::SeqCst) < times {
            answer("429 Too Many Requests", &[retry_after], "slow down")
        } else {
            answer("200 OK", &[], "ok")
        }
    })
    .await
}

fn statuses(exchanges: &[Exchange]) -> Vec<(u8, u16)> {
    let told = |exchange: &Exchange| (exchange.attempt, exchange.status().unwrap());
    exchanges.iter().map(told).collect()
}

#[tokio::test]
async fn what_a_limit_refused_is_repeated_once_when_it_says_so_and_both_attempts_are_kept() {
    let server = refusing_first(1, "retry-after: 1").await;
    let began = Instant::now();
    let done = run(
        &target(&server.base()),
        &mut Scripted::new([vec![one("a", &get("/"))]]),
    )
    .await;
    assert_eq!(statuses(&done.exchanges), [(1, 429), (2, 200)]);
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_paid_call_that_was_refused_is_repeated_within_the_budget_and_not_beyond() {
    let paid = Probe::request("POST", "/").nature(Some(Nature::Paid)).build();
    for (most, seen) in [(2, vec![(1, 429), (2, 200)]), (1, vec![(1, 429)])] {
        let server = refusing_first(1, "retry-after: 0").await;
        let mut target = target(&server.base());
        target.allow = vec![Effect::Paid];
        target.bounds.paid = Some(most);
        let done = run(&target, &mut Scripted::new([vec![one("a", &paid)]])).await;
        assert_eq!(statuses(&done.exchanges), seen, "{most}");
        assert_eq!(server.lines().len(), seen.len());
    }
}

#[tokio::test]
async fn nobody_waits_long_or_for_what_names_no_time_and_a_burst_never() {
    let limited = async |retry_after, ask: Ask| {
        let server = refusing_first(3, retry_after).await;
        let began = Instant::now();
        let done = run(
            &target(&server.base()),
            &mut Scripted::new([vec![asks("a", ask)]]),
        )
        .await;
        assert!(
            began.elapsed() < Duration::from_millis(900),
            "{:?}",
            began.elapsed()
        );
        done.exchanges.len()
    };
    assert_eq!(limited("retry-after: 60", Ask::One(get("/"))).await, 1);
    assert_eq!(limited("x-no: time", Ask::One(get("/"))).await, 1);
    let burst = Ask::Burst {
        each: get("/"),
        n: 3,
        at_once: 3,
        beside: None,
    };
    assert_eq!(limited("retry-after: 1", burst).await, 3);
}

#[tokio::test]
async fn after_a_refusal_one_request_goes_out_at_a_time() {
    let at_once = Arc::new(watch::Sender::new((0_usize, 0_usize)));
    let counted = at_once.clone();
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::scripted(move |_, mut stream| {
        let (counted, count) = (counted.clone(), count.clone());
        async move {
            use tokio::io::AsyncWriteExt as _;
            while crate::support::server::request(&mut stream).await.is_some() {
                let first = count.fetch_add(1, Ordering::SeqCst) == 0;
                counted.send_modify(|(now, most)| {
                    *now += 1;
                    *most = (*most).max(*now);
                });
                tokio::time::sleep(Duration::from_millis(20)).await;
                counted.send_modify(|(now, _)| *now -= 1);
                let bytes = if first {
                    answer("429 Too Many Requests", &["retry-after: 0"], "")
                } else {
                    answer("200 OK", &[], "ok")
                };
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let many: Vec<_> = (0..12).map(|n| one("a", &get(&format!("/{n}")))).collect();
    let mut driver = Scripted::new([vec![one("a", &get("/first"))], many]);
    let done = run(&target(&server.base()), &mut driver).await;
    assert!(
        done.exchanges
            .iter()
            .skip(1)
            .all(|exchange| exchange.status() == Some(200))
    );
    assert_eq!(done.exchanges.len(), 14);
    assert_eq!(at_once.borrow().1, 1);
}

#[tokio::test]
async fn what_goes_on_refusing_is_not_asked_on() {
    let server = refusing_first(usize::MAX, "retry-after: 60").await;
    let rounds = (0..6).map(|n| vec![one("a", &get("/").repeat(n))]);
    let done = run(&target(&server.base()), &mut Scripted::new(rounds)).await;
    assert_eq!(server.lines().len(), 3);
    assert!(done.refused.iter().all(|refusal| refusal.why == Why::GaveUp));
    assert_eq!(done.refused.len(), 3);
}
