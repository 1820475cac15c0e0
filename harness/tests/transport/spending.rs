//! What must never be sent is never sent, counted by the server and not by us.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenlight::check::driver::Asked;
use greenlight::model::probe::{Ask, Body, Conn, Effect, Nature, Probe};
use greenlight::model::refusal::Why;
use greenlight::model::target::{Bounds, Environment};
use proptest::prelude::*;

use crate::support::drivers::{Scripted, asks, one, run};
use crate::support::server::{Server, answer, request};
use crate::support::target;

/// Counts the requests that reach it and might be accepted, and drops every so many connections, before or after.
async fn counting(drops: usize) -> (Server, Arc<AtomicUsize>) {
    let counted = Arc::new(AtomicUsize::new(0));
    let count = counted.clone();
    let turn = Arc::new(AtomicUsize::new(0));
    let server = Server::scripted(move |_, mut stream| {
        let (count, turn) = (count.clone(), turn.clone());
        async move {
            while let Some(request) = request(&mut stream).await {
                let inert = serde_json::from_slice::<serde_json::Value>(&request.body).is_err();
                let reads = request.line().starts_with("GET ");
                if !reads && (request.body.is_empty() || !inert) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                if drops > 0 && turn.fetch_add(1, Ordering::SeqCst) % drops == 0 {
                    return;
                }
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &answer("200 OK", &[], "")).await;
            }
        }
    })
    .await;
    (server, counted)
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
    let (server, counted) = counting(0).await;
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
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_more_is_paid_than_allowed_whatever_is_asked_and_dropped(
        limit in 0_u32..5,
        drops in 0_usize..4,
        rounds in proptest::collection::vec(proptest::collection::vec(wanted(), 0..5), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let reached = runtime.block_on(async {
            let (server, counted) = counting(drops).await;
            let mut target = target(&server.base());
            target.environment = Environment::Staging;
            target.allow = vec![Effect::Paid];
            target.bounds.paid = Some(limit);
            let mut at = 0;
            let rounds: Vec<Vec<Asked>> = rounds
                .iter()
                .map(|round| round.iter().map(|wanted| { at += 1; ask(at, wanted) }).collect())
                .collect();
            run(&target, &mut Scripted::new(rounds)).await;
            counted.load(Ordering::SeqCst)
        });
        prop_assert!(reached <= limit as usize, "{reached} of {limit}");
    }
}
