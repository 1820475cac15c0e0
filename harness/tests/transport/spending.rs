//! What must never be sent is never sent, counted by the server and not by us.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenlight::check::driver::Asked;
use greenlight::model::probe::{Ask, Body, Conn, Effect, Nature, Probe};
use greenlight::model::refusal::Why;
use greenlight::model::target::{Bounds, Environment};
use proptest::prelude::*;
use tokio::sync::watch;

use crate::support::drivers::{Scripted, asks, one, run, run_until};
use crate::support::server::{Server, answer, request};
use crate::support::target;

/// How a server treats its callers.
#[derive(Debug, Clone, Copy)]
struct Manners {
    /// It drops every so many connections, before or after.
    drops: usize,
    /// It never answers every so many requests.
    hangs: usize,
}

/// Whether it is one of every so many; none is when that is zero.
fn is_nth(turn: usize, every: usize) -> bool {
    every > 0 && turn.is_multiple_of(every)
}

/// Counts the requests that reach it and might be accepted, and tells of each request that reaches it.
async fn counting(manners: Manners) -> (Server, Arc<AtomicUsize>, watch::Receiver<usize>) {
    let counted = Arc::new(AtomicUsize::new(0));
    let count = counted.clone();
    let (turns, reached) = watch::channel(0);
    let turns = Arc::new(turns);
    let server = Server::scripted(move |_, mut stream| {
        let (count, turns) = (count.clone(), turns.clone());
        async move {
            while let Some(request) = request(&mut stream).await {
                let inert = serde_json::from_slice::<serde_json::Value>(&request.body).is_err();
                let reads = request.line().starts_with("GET ");
                if !reads && (request.body.is_empty() || !inert) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                let mut turn = 0;
                turns.send_modify(|turns| {
                    *turns += 1;
                    turn = *turns;
                });
                if is_nth(turn, manners.drops) {
                    return;
                }
                if is_nth(turn, manners.hangs) {
                    std::future::pending::<()>().await;
                }
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &answer("200 OK", &[], "")).await;
            }
        }
    })
    .await;
    (server, counted, reached)
}

fn json() -> Body {
    Body::Json {
        value: serde_json::json!({"text": "hello"}),
        inserts: vec![],
    }
}

fn paid(again: u16) -> Probe {
    Probe::request("POST", "/paid")
        .body(json())
        .nature(Some(Nature::Paid))
        .build()
        .repeat(again)
}

fn inert(again: u16) -> Probe {
    Probe::request("POST", "/paid")
        .body(Body::BrokenJson)
        .nature(Some(Nature::Paid))
        .build()
        .repeat(again)
}

#[tokio::test]
async fn production_sends_nothing_that_costs_or_writes_without_leave() {
    let (server, counted, _) = counting(Manners { drops: 0, hangs: 0 }).await;
    let mut target = target(&server.base());
    target.environment = Environment::Production;
    target.bounds = Bounds::of(Environment::Production);
    let write = Probe::request("DELETE", "/things/1").build();
    let asked = vec![
        one("a", &paid(0)),
        one("a", &write),
        one("a", &Probe::get("/x").build()),
        one("a", &inert(0)),
        one("a", &Probe::request("POST", "/undeclared").body(json()).build()),
        one("a", &Probe::get("/attack").hostile()),
        asks("a", Ask::Seq(vec![Probe::get("/s").build(), write.clone()])),
        asks(
            "a",
            Ask::Burst {
                each: paid(1),
                n: 3,
                at_once: 3,
                beside: None,
            },
        ),
    ];
    let done = run(&target, &mut Scripted::new([asked])).await;
    assert_eq!(counted.load(Ordering::SeqCst), 0);
    assert_eq!(
        done.exchanges
            .iter()
            .map(|x| x.probe.path_text())
            .collect::<Vec<_>>(),
        ["/x", "/paid"]
    );
    let flags: Vec<_> = done
        .refused
        .iter()
        .map(|refusal| refusal.flag.clone().unwrap())
        .collect();
    assert_eq!(
        flags,
        [
            "--allow paid",
            "--allow writes",
            "--allow writes",
            "--allow hostile",
            "--allow writes",
            "--allow writes",
            "--allow paid"
        ]
    );
}

#[tokio::test]
async fn production_is_asked_one_operation_six_times_a_minute_repeats_after_drops_included() {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = reached.clone();
    let server = Server::scripted(move |_, mut stream| {
        let count = count.clone();
        async move {
            if request(&mut stream).await.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    let mut target = target(&server.base());
    target.environment = Environment::Production;
    target.bounds = Bounds::of(Environment::Production);
    let asked = |from: u16| {
        (from..from + 5)
            .map(|again| one("a", &inert(again)))
            .collect::<Vec<_>>()
    };
    let done = run(&target, &mut Scripted::new([asked(0), asked(5)])).await;
    assert!(reached.load(Ordering::SeqCst) <= 6, "{reached:?}");
    assert!(done.refused.iter().all(|refusal| refusal.why == Why::Throttle));
    assert!(done.refused.len() >= 4);
}

#[derive(Debug, Clone)]
enum Wanted {
    One,
    Two,
    Mixed,
    Many(u16),
    Free,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        Just(Wanted::One),
        Just(Wanted::Two),
        Just(Wanted::Mixed),
        (1_u16..4).prop_map(Wanted::Many),
        Just(Wanted::Free),
    ]
}

fn ask(at: usize, wanted: &Wanted) -> Asked {
    let again = u16::try_from(at * 10).unwrap();
    let pooled = |again| Probe {
        conn: Conn::Pooled,
        ..paid(again)
    };
    let ask = match wanted {
        Wanted::One => Ask::One(pooled(again)),
        Wanted::Two => Ask::Seq(vec![pooled(again), paid(again + 1)]),
        Wanted::Mixed => Ask::Seq(vec![Probe::get("/r").build(), inert(again), pooled(again)]),
        Wanted::Many(n) => Ask::Burst {
            each: paid(again),
            n: *n,
            at_once: 2,
            beside: Some(Box::new(paid(again + 1))),
        },
        Wanted::Free => Ask::One(Probe::get("/r").build().repeat(again)),
    };
    asks("a", ask)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever is asked, however much at once, dropped, never answered, or stopped in the middle.
    #[test]
    fn no_more_is_paid_than_allowed(
        limit in 0_u32..5,
        manners in (0_usize..4, prop_oneof![3 => Just(0_usize), 1 => 2_usize..6]),
        stopped_after in prop_oneof![2 => Just(None), 1 => (1_usize..12).prop_map(Some)],
        concurrency in 1_u16..9,
        rounds in proptest::collection::vec(proptest::collection::vec(wanted(), 0..5), 1..4),
    ) {
        let (drops, hangs) = manners;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let counted = runtime.block_on(async {
            let (server, counted, mut reached) = counting(Manners { drops, hangs }).await;
            let mut target = target(&server.base());
            target.environment = Environment::Staging;
            target.allow = vec![Effect::Paid];
            target.bounds.paid = Some(limit);
            target.bounds.concurrency = concurrency;
            if hangs > 0 {
                (target.bounds.deadline_ms, target.bounds.paid_deadline_ms) = (20, 20);
            }
            let mut at = 0;
            let rounds: Vec<Vec<Asked>> = rounds
                .iter()
                .map(|round| round.iter().map(|wanted| { at += 1; ask(at, wanted) }).collect())
                .collect();
            let stop = async {
                match stopped_after {
                    Some(after) => { let _ = reached.wait_for(|turns| *turns >= after).await; }
                    None => std::future::pending().await,
                }
            };
            run_until(&target, &mut Scripted::new(rounds), stop).await;
            counted.load(Ordering::SeqCst)
        });
        prop_assert!(counted <= limit as usize, "{counted} of {limit}");
    }
}
