//! Waking a service that sleeps. Platforms put idle instances to sleep, and who says so (`cold_start`) wants the service
//! judged when it is awake: it is asked, one request at a time, until it answers or its time is over. What that took is kept,
//! and no failure among it counts.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::check::asks;
use crate::model::exchange::{Asker, Exchange, WARM_UP, Xid};
use crate::model::probe::{Ask, Conn, Probe};
use crate::model::target::Target;
use crate::runner::budget::Budget;
use crate::runner::ledger::Ledger;
use crate::runner::plan::Job;
use crate::runner::send::{Place, exchange, request_id};
use crate::transport::http::{Order, Transport};

/// The rest between two requests: a platform that refuses at once would else be asked without end.
const REST: Duration = Duration::from_millis(500);

/// What waking needs.
pub(crate) struct Waking<'w> {
    pub(crate) id: Xid,
    pub(crate) probe: Probe,
    pub(crate) target: &'w Target,
    pub(crate) transport: &'w Transport,
    pub(crate) seed: u64,
    pub(crate) stop: &'w watch::Sender<bool>,
}

impl Waking<'_> {
    /// The request that wakes; `None` when nobody said that the service may sleep. It is one of its own, so that whatever a
    /// check asks is asked of a service that is awake.
    pub(crate) fn probe(target: &Target) -> Option<Probe> {
        let route = target.routes.health.as_deref().unwrap_or("/health");
        let probe = Probe {
            conn: Conn::Fresh,
            ..asks::read(route)
        };
        (target.bounds.cold_start_ms > 0).then(|| probe.repeat(u16::MAX))
    }
}

/// Asks until it answers, and gives every attempt.
pub(crate) async fn wake(waking: &Waking<'_>, budget: &mut Budget<'_>, ledger: &mut Ledger) -> Vec<Exchange> {
    let ends = Instant::now() + Duration::from_millis(waking.target.bounds.cold_start_ms);
    let mut seen: Vec<Exchange> = Vec::new();
    let mut stop = waking.stop.subscribe();
    while Instant::now() < ends && budget.admit(&waking.probe, 1, Timestamp::now()).is_ok() {
        let Some(mut exchange) = attempt(waking, seen.len(), ends).await else {
            break;
        };
        let awake = is_awake(&exchange);
        ledger.deposit(&mut exchange);
        seen.push(exchange);
        if awake {
            break;
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep_until(ends.min(Instant::now() + REST)) => {}
        }
    }
    ledger.settle(&mut seen);
    seen
}

/// One request, which may take all the time that is left.
async fn attempt(waking: &Waking<'_>, before: usize, ends: Instant) -> Option<Exchange> {
    let attempt = u8::try_from(before + 1).ok()?;
    let job = Job {
        id: waking.id,
        askers: vec![Asker(WARM_UP.to_owned())],
        ask: Ask::One(waking.probe.clone()),
    };
    let order = Order {
        probe: &waking.probe,
        captures: &BTreeMap::new(),
        hides: &[],
        request_id: &request_id(waking.seed, waking.id, Place::default(), attempt),
        within: ends.saturating_duration_since(Instant::now()),
        run_ends: ends,
        reuse: false,
        stop: waking.stop.subscribe(),
    };
    let attempted = waking.transport.attempt(order).await.ok()?;
    Some(exchange(
        &job,
        &waking.probe,
        Place::default(),
        attempt,
        attempted,
    ))
}

/// Whether a service is awake: it answers, and what answers is no proxy that waits for it.
fn is_awake(exchange: &Exchange) -> bool {
    exchange
        .status()
        .is_some_and(|status| !matches!(status, 429 | 502..=504))
}
