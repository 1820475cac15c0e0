//! Which connection carries a probe.

use std::sync::Arc;

use greenlight::check::driver::{News, Next};
use greenlight::model::exchange::{Phase, WireFault};
use greenlight::model::probe::{Ask, Body, Conn, Probe, Text, Wire};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;

use crate::support::drivers::{Endless, Scripted, asks, one, run};
use crate::support::server::{Server, answer, head, request, silence};
use crate::support::{SHORT, attempt, attempt_within, failure, get, reply, target, transport};

fn ok() -> Vec<u8> {
    answer("200 OK", &[], "ok")
}

fn held(lane: u8, idle: u32, again: u16) -> Probe {
    Probe::get("/")
        .conn(Conn::Hold { lane, idle })
        .build()
        .repeat(again)
}

/// Answers one request on each connection and closes it without having said so.
async fn closes_after_one() -> Server {
    Server::scripted(|_, mut stream| async move {
        if request(&mut stream).await.is_some() {
            let _ = stream.write_all(&ok()).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_pooled_connection_is_used_again_and_a_fresh_one_is_not() {
    let server = Server::answering(|_| ok()).await;
    let transport = transport(&server.base());
    let fresh = Probe::get("/").conn(Conn::Fresh).build();
    let mut conns = Vec::new();
    for probe in [get("/"), get("/"), fresh.clone(), fresh, get("/")] {
        conns.push(attempt(&transport, &probe).await.conn.unwrap());
    }
    assert_eq!(conns, [0, 0, 1, 2, 0]);
    assert_eq!(server.accepted(), 3);
    assert_eq!(transport.connections()[2].address, server.address.to_string());
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_told_and_dialled_anew_under_the_same_id() {
    let close = Arc::new(Notify::new());
    let told = close.clone();
    let server = Server::scripted(move |_, mut stream| {
        let told = told.clone();
        async move {
            if request(&mut stream).await.is_some() {
                let _ = stream.write_all(&ok()).await;
                told.notified().await;
            }
        }
    })
    .await;
    let mut round = 0;
    let mut driver = Endless(|_: News<'_>, _| {
        round += 1;
        match round {
            1 => Next::Ask(vec![one("a", &get("/1"))]),
            2 => {
                close.notify_one();
                Next::Ask(vec![one("a", &get("/2"))])
            }
            _ => Next::Done,
        }
    });
    let done = run(&target(&server.base()), &mut driver).await;
    let seen: Vec<_> = done
        .exchanges
        .iter()
        .map(|x| (x.id.0, x.attempt, x.conn, x.failure().map(|error| error.fault)))
        .collect();
    assert_eq!(
        seen,
        [
            (0, 1, Some(0), None),
            (1, 1, Some(0), Some(WireFault::ReusedClosed)),
            (1, 2, Some(1), None),
        ]
    );
}

#[tokio::test]
async fn a_connection_that_said_it_would_close_is_not_used_again() {
    let bytes = answer("200 OK", &["connection: close"], "ok");
    let server = Server::once(bytes).await;
    let mut driver = Scripted::new([vec![one("a", &get("/1"))], vec![one("a", &get("/2"))]]);
    let done = run(&target(&server.base()), &mut driver).await;
    assert_eq!(
        done.exchanges
            .iter()
            .map(|x| (x.attempt, x.status()))
            .collect::<Vec<_>>(),
        [(1, Some(200)); 2]
    );
}

#[tokio::test]
async fn what_has_an_effect_is_sent_once_whatever_happens() {
    let server = Server::scripted(|_, mut stream| async move { head(&mut stream).await }).await;
    let body = Body::Json {
        value: serde_json::json!({"text": "hello"}),
        inserts: vec![],
    };
    let write = Probe::request("POST", "/").body(body).build();
    let mut target = target(&server.base());
    target.allow = vec![write.effect];
    let done = run(&target, &mut Scripted::new([vec![one("a", &write)]])).await;
    assert_eq!((done.exchanges.len(), server.accepted()), (1, 1));
    let read = run(&target, &mut Scripted::new([vec![one("a", &get("/"))]])).await;
    assert_eq!((read.exchanges.len(), server.accepted()), (2, 3));
}

#[tokio::test]
async fn what_has_an_effect_never_rides_on_an_old_connection() {
    let server = Server::answering(|_| ok()).await;
    let write = Probe::request("DELETE", "/").build();
    let mut target = target(&server.base());
    target.allow = vec![write.effect];
    let mut driver = Scripted::new([vec![one("a", &get("/"))], vec![one("a", &write)]]);
    let done = run(&target, &mut driver).await;
    assert_eq!(
        done.exchanges.iter().map(|x| x.conn).collect::<Vec<_>>(),
        [Some(0), Some(1)]
    );
}

#[tokio::test]
async fn a_lane_is_one_connection_through_a_pause() {
    let server = Server::answering(|_| ok()).await;
    let sequence = Ask::Seq(vec![held(0, 0, 0), held(0, 20, 1), held(1, 0, 2), held(0, 0, 3)]);
    let done = run(
        &target(&server.base()),
        &mut Scripted::new([vec![asks("a", sequence)]]),
    )
    .await;
    assert_eq!(
        done.exchanges.iter().map(|x| x.conn.unwrap()).collect::<Vec<_>>(),
        [0, 0, 1, 0]
    );
}

#[tokio::test]
async fn a_pause_longer_than_the_deadline_of_an_attempt_is_no_timeout() {
    let server = Server::answering(|_| ok()).await;
    let transport = transport(&server.base());
    attempt(&transport, &held(0, 0, 0)).await;
    let attempt = attempt_within(&transport, &held(0, 700, 1), SHORT).await;
    assert_eq!((reply(&attempt).status, attempt.conn), (200, Some(0)));
}

#[tokio::test]
async fn a_lane_that_was_closed_stays_closed_and_is_never_dialled_again() {
    let server = closes_after_one().await;
    let asked = (0..3).map(|again| held(0, 20, again)).collect();
    let done = run(
        &target(&server.base()),
        &mut Scripted::new([vec![asks("a", Ask::Seq(asked))]]),
    )
    .await;
    let faults: Vec<_> = done
        .exchanges
        .iter()
        .map(|x| x.failure().map(|error| error.fault))
        .collect();
    assert_eq!(
        faults,
        [None, Some(WireFault::ReusedClosed), Some(WireFault::ReusedClosed)]
    );
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn probes_of_one_lane_take_turns() {
    let server = Server::answering(|_| ok()).await;
    let asked = (0..6).map(|again| one("a", &held(0, 0, again))).collect();
    let done = run(&target(&server.base()), &mut Scripted::new([asked])).await;
    assert!(
        done.exchanges
            .iter()
            .all(|x| x.conn == Some(0) && x.status() == Some(200))
    );
    assert_eq!((done.exchanges.len(), server.accepted()), (6, 1));
}

#[tokio::test]
async fn an_answer_before_the_upload_is_read_does_not_hold_up_the_next_probe() {
    let server = Server::scripted(|number, mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(&ok()).await;
        if number == 0 {
            std::future::pending::<()>().await;
        }
        silence(stream).await;
    })
    .await;
    let transport = transport(&server.base());
    let upload = Body::Text {
        media_type: "audio/wav".into(),
        text: Text::Lit("x".repeat(8 * 1024 * 1024)),
    };
    let first = attempt(&transport, &Probe::request("POST", "/").body(upload).build()).await;
    let second = attempt(&transport, &get("/")).await;
    assert_eq!((reply(&first).status, reply(&second).status), (200, 200));
    assert_ne!(first.conn, second.conn);
}

#[tokio::test]
async fn a_probe_that_insists_on_http_1_does_not_share_with_those_that_do_not() {
    let server = Server::answering(|_| ok()).await;
    let transport = transport(&server.base());
    let mut http1 = get("/");
    http1.wire = Wire::Http1;
    let conns = [
        attempt(&transport, &get("/")).await.conn,
        attempt(&transport, &http1).await.conn,
        attempt(&transport, &http1).await.conn,
    ];
    assert_eq!(conns, [Some(0), Some(1), Some(1)]);
}

#[tokio::test]
async fn ipv6_a_name_and_a_pin_reach_the_server() {
    let script = |_, mut stream: tokio::net::TcpStream| async move {
        while request(&mut stream).await.is_some() {
            let _ = stream.write_all(&ok()).await;
        }
    };
    let six = Server::at("[::1]:0", script).await;
    let attempt6 = attempt(&transport(&six.base()), &get("/")).await;
    assert_eq!((reply(&attempt6).status, attempt6.phases.dns), (200, None));

    let server = Server::scripted(script).await;
    let named = attempt(
        &transport(&format!("http://localhost:{}", server.address.port())),
        &get("/"),
    )
    .await;
    assert!(reply(&named).status == 200 && named.phases.dns.is_some());

    let mut settings = greenlight::transport::http::Settings::default();
    settings
        .pins
        .insert("api.acme.example".into(), vec![server.address.ip()]);
    let base = format!("http://api.acme.example:{}", server.address.port());
    let pinned = greenlight::transport::http::Transport::new(target(&base), settings).unwrap();
    let pinned = attempt(&pinned, &get("/")).await;
    assert_eq!((reply(&pinned).status, pinned.phases.dns), (200, None));

    let mut probe = get("/");
    probe.to = Some(server.address.ip());
    let to = attempt(&transport(&base), &probe).await;
    assert_eq!(reply(&to).status, 200);
    let unknown = attempt(&transport("http://no-such-host.invalid"), &get("/")).await;
    assert_eq!(
        (failure(&unknown).phase, failure(&unknown).fault),
        (Phase::Resolve, WireFault::NoAddress)
    );
}
