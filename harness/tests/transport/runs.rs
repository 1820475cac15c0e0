//! The runner: what is sent, in which order, and what is kept when it ends early.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use greenlight::check::driver::{News, Next};
use greenlight::model::event::Event;
use greenlight::model::exchange::{Exchange, WireFault};
use greenlight::model::probe::{Ask, Body, Effect, Nature, Probe, Text};
use greenlight::model::refusal::Why;
use greenlight::model::target::{Environment, Target};
use greenlight::runner::execute::{Executed, Runner};
use greenlight::transport::http::{Settings, Transport};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::support::drivers::{Endless, Scripted, asks, one, run};
use crate::support::server::{Request, Server, answer, json, request};
use crate::support::{get, target};

fn paid(path: &str) -> Probe {
    Probe::request("POST", path).nature(Some(Nature::Paid)).build()
}

fn write(path: &str) -> Probe {
    Probe::request("POST", path).build()
}

/// A local target that may do anything.
fn free(server: &Server) -> Target {
    let mut target = target(&server.base());
    target.allow = vec![Effect::Paid, Effect::Writes, Effect::Hostile];
    target
}

fn ok(_: &Request) -> Vec<u8> {
    answer("200 OK", &[], "ok")
}

fn askers(exchange: &Exchange) -> Vec<&str> {
    exchange.askers.iter().map(|asker| asker.0.as_str()).collect()
}

fn burst(path: &str, n: u16, at_once: u16) -> Ask {
    Ask::Burst {
        each: get(path),
        n,
        at_once,
        beside: None,
    }
}

#[tokio::test]
async fn equal_asks_are_sent_once_and_everybody_who_asked_is_noted() {
    let server = Server::answering(ok).await;
    let sequence = Ask::Seq(vec![get("/1"), get("/2")]);
    let mut driver = Scripted::new([
        vec![one("b", &get("/")), one("a", &get("/")), one("a", &paid("/paid"))],
        vec![
            one("c", &get("/")),
            one("b", &paid("/paid")),
            asks("a", sequence.clone()),
        ],
        vec![asks("b", sequence), one("a", &get("/").repeat(1))],
    ]);
    let done = run(&free(&server), &mut driver).await;
    let seen: Vec<_> = done
        .exchanges
        .iter()
        .map(|x| (x.probe.path_text(), askers(x)))
        .collect();
    assert_eq!(
        seen,
        [
            ("/", vec!["a", "b", "c"]),
            ("/paid", vec!["a", "b"]),
            ("/1", vec!["a", "b"]),
            ("/2", vec!["a", "b"]),
            ("/", vec!["a"]),
        ]
    );
    assert_eq!(server.lines().len(), 5);
}

#[tokio::test]
async fn equal_refused_asks_are_one_refusal_of_everybody_who_asked() {
    let server = Server::answering(ok).await;
    let target = target(&server.base());
    let mut driver = Scripted::new([vec![one("b", &paid("/"))], vec![one("a", &paid("/"))]]);
    let done = run(&target, &mut driver).await;
    assert_eq!(done.refused.len(), 1);
    let askers: Vec<&str> = done.refused[0]
        .askers
        .iter()
        .map(|asker| asker.0.as_str())
        .collect();
    assert_eq!((&done.refused[0].why, askers), (&Why::Effect, vec!["a", "b"]));
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn what_cannot_hurt_goes_first_then_writes_then_what_is_paid_then_bursts() {
    let server = Server::answering(ok).await;
    let mut driver = Scripted::new([
        vec![asks("a", burst("/burst", 3, 3)), one("a", &paid("/paid"))],
        vec![one("a", &write("/write")), one("a", &get("/read"))],
        vec![one("a", &get("/late"))],
    ]);
    let done = run(&free(&server), &mut driver).await;
    let lines = server.lines();
    assert_eq!(
        lines[..4],
        ["GET /read", "POST /write", "GET /late", "POST /paid"]
    );
    assert_eq!(lines[4..], ["GET /burst"; 3]);
    assert_eq!(
        done.exchanges
            .iter()
            .filter(|x| x.id.0 == 0)
            .map(|x| x.copy)
            .collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert_eq!(
        driver.shown.len(),
        7,
        "the driver is shown everything, what was put off included"
    );
}

#[tokio::test]
async fn between_what_is_paid_and_a_burst_the_driver_may_ask_for_more() {
    let server = Server::answering(ok).await;
    let mut follow_up = Some(get("/after-paid"));
    let mut begun = false;
    let mut driver = Endless(|news: News<'_>, _| {
        if !begun {
            begun = true;
            return Next::Ask(vec![asks("a", burst("/burst", 1, 1)), one("a", &paid("/paid"))]);
        }
        let paid = news.exchanges.iter().any(|x| x.probe.path_text() == "/paid");
        match follow_up.take_if(|_| paid) {
            Some(probe) => Next::Ask(vec![one("a", &probe)]),
            None => Next::Done,
        }
    });
    run(&free(&server), &mut driver).await;
    assert_eq!(server.lines(), ["POST /paid", "GET /after-paid", "GET /burst"]);
}

/// Holds every request until enough are in flight or none more comes, and notes the most at once.
async fn crowded() -> (Server, Arc<AtomicUsize>) {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let server = Server::scripted(move |_, mut stream| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            while request(&mut stream).await.is_some() {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &answer("200 OK", &[], "")).await;
            }
        }
    })
    .await;
    (server, seen)
}

#[tokio::test]
async fn production_gets_no_more_at_once_even_in_a_burst() {
    let (server, most) = crowded().await;
    let mut target = free(&server);
    target.environment = Environment::Production;
    target.bounds.concurrency = 2;
    let asked = (0..9).map(|again| one("a", &get("/").repeat(again)));
    let asked: Vec<_> = asked.chain([asks("a", burst("/burst", 12, 12))]).collect();
    let done = run(&target, &mut Scripted::new([asked])).await;
    assert_eq!(done.exchanges.len(), 21);
    assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
}

#[tokio::test]
async fn a_sequence_carries_values_and_says_what_it_could_not_send() {
    let server = Server::answering(|request| match request.line().as_str() {
        "GET /make" => json("201 Created", &serde_json::json!({"href": "/things/42", "n": 7})),
        "GET /things/42" => json("200 OK", &serde_json::json!({"n": request.header("x-n")})),
        _ => answer("404 Not Found", &[], ""),
    })
    .await;
    let from = |at: &str| Text::Captured {
        step: 0,
        at: at.into(),
        secret: false,
    };
    let steps = vec![
        get("/make"),
        Probe::get(from("/href")).header("x-n", from("/n")).build(),
        Probe::get(from("/absent")).build(),
        get("/never"),
    ];
    let done = run(
        &target(&server.base()),
        &mut Scripted::new([vec![asks("a", Ask::Seq(steps.clone()))]]),
    )
    .await;
    assert_eq!(server.lines(), ["GET /make", "GET /things/42"]);
    assert_eq!(done.exchanges[1].answer().unwrap().body.json().unwrap()["n"], "7");
    let refused: Vec<_> = done
        .refused
        .iter()
        .map(|refusal| (&refusal.probe, &refusal.why))
        .collect();
    assert_eq!(
        refused,
        [(&steps[2], &Why::NoCapture), (&steps[3], &Why::NoCapture)]
    );
    let ids: Vec<_> = done
        .exchanges
        .iter()
        .map(|x| x.sent.as_ref().unwrap())
        .map(|sent| {
            sent.headers
                .iter()
                .find(|(name, _)| name.text() == "x-request-id")
                .unwrap()
                .1
                .text()
        })
        .collect();
    assert_ne!(ids[0], ids[1], "every request has an id of its own");
}

#[tokio::test]
async fn a_burst_that_cannot_be_made_is_refused_and_not_forgotten() {
    let server = Server::answering(ok).await;
    let each = Probe::get(Text::Captured {
        step: 0,
        at: "/x".into(),
        secret: false,
    });
    let asked = Ask::Burst {
        each: each.build(),
        n: 2,
        at_once: 2,
        beside: None,
    };
    let done = run(&free(&server), &mut Scripted::new([vec![asks("a", asked)]])).await;
    assert_eq!((done.exchanges.len(), done.refused.len()), (0, 1));
}

/// Answers `/quick`, and nothing else, ever.
async fn half_dead() -> Server {
    Server::scripted(|_, mut stream| async move {
        while let Some(request) = request(&mut stream).await {
            if request.line() != "GET /quick" {
                std::future::pending::<()>().await;
            }
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &ok(&request)).await;
        }
    })
    .await
}

#[tokio::test]
async fn an_interruption_keeps_what_was_seen_and_tells_what_was_under_way_and_what_was_not_begun() {
    let server = half_dead().await;
    let mut target = free(&server);
    target.bounds.concurrency = 2;
    let transport = Transport::new(target.clone(), Settings::default()).unwrap();
    let answered = Arc::new(Notify::new());
    let told = answered.clone();
    let runner = Runner::new(&target, &transport, 7, move |event| {
        if matches!(
            event,
            Event::Answered {
                status: Some(200),
                ..
            }
        ) {
            told.notify_one();
        }
    });
    let slow = Body::Text {
        media_type: "text/plain".into(),
        text: "x".into(),
    };
    let slow = Probe::request("POST", "/slow")
        .body(slow)
        .nature(Some(Nature::Read))
        .build();
    let asked = vec![
        one("a", &slow),
        one("a", &get("/quick")),
        one("a", &get("/slow-too")),
        one("a", &get("/waiting")),
        one("a", &paid("/paid")),
    ];
    let mut driver = Scripted::new([asked]);
    let done = runner.run(&mut driver, answered.notified()).await;
    assert!(done.interrupted);
    let seen: Vec<_> = done
        .exchanges
        .iter()
        .filter(|x| x.probe.path_text() != "/slow-too")
        .map(|x| {
            (
                x.probe.path_text(),
                x.status(),
                x.failure().map(|error| error.fault),
                x.sent.is_some(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("/slow", None, Some(WireFault::Stopped), true),
            ("/quick", Some(200), None, true),
        ]
    );
    let refused: Vec<_> = done
        .refused
        .iter()
        .filter(|refusal| refusal.probe.path_text() != "/slow-too")
        .map(|refusal| (refusal.probe.path_text(), &refusal.why))
        .collect();
    assert_eq!(
        refused,
        [("/waiting", &Why::Interrupted), ("/paid", &Why::Interrupted)]
    );
}

#[tokio::test]
async fn the_runs_deadline_ends_what_is_under_way_and_refuses_the_rest() {
    let server = half_dead().await;
    let mut target = free(&server);
    target.bounds.run_ms = 400;
    target.bounds.concurrency = 1;
    let asked = vec![
        one("a", &get("/quick")),
        one("a", &get("/slow")),
        one("a", &get("/never")),
        one("a", &paid("/paid")),
    ];
    let done = run(
        &target,
        &mut Scripted::new([asked, vec![one("a", &get("/later"))]]),
    )
    .await;
    let faults: Vec<_> = done
        .exchanges
        .iter()
        .map(|x| x.failure().map(|error| error.fault))
        .collect();
    assert_eq!(
        faults,
        [None, Some(WireFault::Stopped)],
        "our deadline is not the server's fault"
    );
    let refused: Vec<_> = done
        .refused
        .iter()
        .map(|refusal| (refusal.probe.path_text(), &refusal.why))
        .collect();
    assert_eq!(
        refused,
        [
            ("/never", &Why::Deadline),
            ("/later", &Why::Deadline),
            ("/paid", &Why::Deadline)
        ]
    );
    assert!(
        done.refused
            .iter()
            .all(|refusal| refusal.reason.contains("deadline"))
    );
    assert!(!done.interrupted);
}

#[tokio::test]
async fn a_driver_that_never_has_enough_is_ended() {
    let server = Server::answering(ok).await;
    let mut target = target(&server.base());
    let mut same = Endless(|_: News<'_>, _| Next::Ask(vec![one("a", &get("/"))]));
    assert_eq!(run(&target, &mut same).await.exchanges.len(), 1);
    let mut again = 0;
    let mut refused = Endless(|_: News<'_>, _| {
        again += 1;
        Next::Ask(vec![one("a", &write("/").repeat(again))])
    });
    let done = run(&target, &mut refused).await;
    assert!(done.exchanges.is_empty() && done.refused.len() < 100);
    let mut nothing = Endless(|_: News<'_>, _| Next::Ask(vec![]));
    assert!(run(&target, &mut nothing).await.exchanges.is_empty());
    target.bounds.run_ms = 100;
    let mut past = Endless(|_: News<'_>, _| Next::Until(Timestamp::UNIX_EPOCH));
    assert!(run(&target, &mut past).await.exchanges.is_empty());
}

#[tokio::test]
async fn a_driver_that_waits_is_asked_again_and_can_be_interrupted() {
    let server = Server::answering(ok).await;
    let soon = Timestamp::now() + SignedDuration::from_millis(30);
    let mut driver = Scripted::of([
        Next::Until(soon),
        Next::Ask(vec![one("a", &get("/"))]),
        Next::Until(soon),
        Next::Ask(vec![one("a", &paid("/"))]),
        Next::Until(soon),
        Next::Until(soon),
    ]);
    let done = run(&free(&server), &mut driver).await;
    assert_eq!(server.lines(), ["GET /", "POST /"]);
    assert!(done.exchanges[0].at >= soon);

    let target = target(&server.base());
    let transport = Transport::new(target.clone(), Settings::default()).unwrap();
    let runner = Runner::new(&target, &transport, 7, |_| {});
    let mut waits = Endless(|_: News<'_>, now: Timestamp| Next::Until(now + SignedDuration::from_hours(1)));
    assert!(runner.run(&mut waits, std::future::ready(())).await.interrupted);
}

#[tokio::test]
async fn ids_follow_the_order_of_asking_whatever_the_order_of_answers() {
    let server = Server::scripted(|number, mut stream| async move {
        while let Some(request) = request(&mut stream).await {
            let delay = (number * 7 + request.head.len() * 13) % 23;
            tokio::time::sleep(Duration::from_millis(delay as u64)).await;
            if request.line().contains("drop") {
                return;
            }
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &ok(&request)).await;
        }
    })
    .await;
    let target = target(&server.base());
    let rounds = || {
        let first = (0..20).map(|n| {
            one(
                "a",
                &get(&format!("/{}{n}", if n % 7 == 0 { "drop" } else { "x" })),
            )
        });
        let sequence = asks("b", Ask::Seq(vec![get("/s1"), get("/s2"), get("/s3")]));
        let second = (0..9).map(|n| one("c", &get(&format!("/y{n}"))));
        Scripted::new([
            first.chain([sequence, asks("a", burst("/b", 5, 5))]).collect(),
            second.collect::<Vec<_>>(),
        ])
    };
    let told = |done: Executed| -> Vec<_> {
        let tell = |x: &Exchange| (x.id, x.step, x.copy, x.probe.path_text().to_owned(), x.status());
        let mut told: Vec<_> = done.exchanges.iter().map(tell).collect();
        told.dedup();
        told
    };
    let first = told(run(&target, &mut rounds()).await);
    let second = told(run(&target, &mut rounds()).await);
    assert_eq!(first, second);
    assert!(first.is_sorted_by_key(|(id, step, copy, ..)| (*id, *step, *copy)));
}

#[tokio::test]
async fn a_connection_that_nobody_wants_is_closed() {
    let closed = Arc::new(Notify::new());
    let seen = closed.clone();
    let server = Server::scripted(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            request(&mut stream).await;
            let head = b"HTTP/1.1 200 OK\r\n\r\n";
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, head).await;
            while tokio::io::AsyncWriteExt::write_all(&mut stream, &[b'x'; 8192])
                .await
                .is_ok()
            {}
            seen.notify_one();
        }
    })
    .await;
    let mut target = target(&server.base());
    target.bounds.body_read = 100_000;
    let done = run(&target, &mut Scripted::new([vec![one("a", &get("/"))]])).await;
    assert_eq!(done.exchanges.len(), 1);
    closed.notified().await;
}
