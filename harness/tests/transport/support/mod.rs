//! Small servers on loopback, and the little that every test needs.

pub(crate) mod drivers;
pub(crate) mod server;
pub(crate) mod tls;

use std::collections::BTreeMap;
use std::time::Duration;

use greenlight::model::exchange::{Outcome, Reply, WireError};
use greenlight::model::heard::Heard;
use greenlight::model::probe::Probe;
use greenlight::model::target::{Bounds, Environment, Target};
use greenlight::transport::http::{Attempt, Order, Settings, Transport};
use tokio::sync::watch;
use tokio::time::Instant;

/// Longer than any test takes.
pub(crate) const AMPLE: Duration = Duration::from_secs(30);

/// Short enough to wait for.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// A local target about which nothing is known but its base URL.
pub(crate) fn target(base: &str) -> Target {
    Target {
        environment: Environment::Local,
        ours: true,
        bounds: Bounds::of(Environment::Local),
        ..Target::bare(base)
    }
}

/// A transport to this base URL with the default settings.
pub(crate) fn transport(base: &str) -> Transport {
    Transport::new(target(base), Settings::default()).unwrap()
}

/// One attempt, with time enough.
pub(crate) async fn attempt(transport: &Transport, probe: &Probe) -> Attempt {
    attempt_within(transport, probe, AMPLE).await
}

/// One attempt with this deadline.
pub(crate) async fn attempt_within(transport: &Transport, probe: &Probe, within: Duration) -> Attempt {
    let captures = BTreeMap::new();
    let order = Order {
        probe,
        captures: &captures,
        hides: &[],
        request_id: "gl-test",
        within,
        run_ends: Instant::now() + AMPLE,
        reuse: true,
        stop: watch::channel(false).1,
    };
    transport.attempt(order).await.unwrap()
}

/// A plain GET.
pub(crate) fn get(path: &str) -> Probe {
    Probe::get(path).build()
}

/// The answer, which there must be.
pub(crate) fn reply(attempt: &Attempt) -> &Reply {
    match &attempt.reply {
        Outcome::Answered(reply) => reply,
        Outcome::Failed(_) | Outcome::Heard(_) => panic!("no answer: {:?}", attempt.reply),
    }
}

/// The failure, which there must be.
pub(crate) fn failure(attempt: &Attempt) -> &WireError {
    match &attempt.reply {
        Outcome::Answered(_) | Outcome::Heard(_) => panic!("an answer: {:?}", attempt.reply),
        Outcome::Failed(error) => error,
    }
}

/// What came back to bytes written by hand, which must be something.
pub(crate) fn heard(attempt: &Attempt) -> &Heard {
    match &attempt.reply {
        Outcome::Heard(heard) => heard,
        Outcome::Answered(_) | Outcome::Failed(_) => panic!("not heard: {:?}", attempt.reply),
    }
}
