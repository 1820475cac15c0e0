//! How much a caller may cost us.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::http::patience::Patience;
use crate::http::peer::TrustedProxies;
use crate::http::rate::Rate;

/// Bounds on one request and on all of them together. Times are scaled down by tests and by the fault lab.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest request body, in bytes. At least [`MIN_BODY_LIMIT`], because 25 MiB of audio are 33.4
    /// in base64.
    pub body_bytes: usize,
    /// How long a body may take to arrive; a slower one is answered 408.
    pub body_deadline: Duration,
    /// How long the work may take; longer work is answered 504. A part of it is kept back for saving what was paid for.
    pub work_deadline: Duration,
    /// How long one question to the database may take.
    pub database_deadline: Duration,
    /// How long a request waits for its turn to be worked on, or its body to be read; one that waits longer is answered 503.
    pub turn_deadline: Duration,
    /// How many requests may be worked on at once; the rest wait their turn.
    pub concurrency: usize,
    /// How often one credential may ask; no limit when there is none. More is answered 429.
    pub rate_per_credential: Option<Rate>,
    /// How often one address may ask, an IPv6 network of 64 bits being one; no limit when there is none.
    pub rate_per_peer: Option<Rate>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How many body bytes may be held at once by all requests; the rest wait their turn.
    pub bytes_in_flight: usize,
    /// How long a connection may be idle before it is closed.
    pub idle: Duration,
    /// How long requests in flight may go on after shutdown was asked for, and after [`Limits::linger`]. At least
    /// [`Limits::longest`].
    pub shutdown_grace: Duration,
    /// For how long, at most, a client that is connected may still send a request after shutdown was asked for.
    pub linger: Duration,
}

/// The requests of one credential in a minute, when nothing else was configured.
pub const PER_CREDENTIAL: NonZeroU32 = NonZeroU32::new(1_200).unwrap();
/// The requests of one address in a minute, when nothing else was configured. Many people may have one.
pub const PER_PEER: NonZeroU32 = NonZeroU32::new(6_000).unwrap();

/// The least that [`Limits::body_bytes`] may be: 36 MiB.
pub const MIN_BODY_LIMIT: usize = 36 * 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        let limits = Self {
            body_bytes: MIN_BODY_LIMIT,
            body_deadline: Duration::from_secs(60),
            work_deadline: Duration::from_secs(60),
            database_deadline: Duration::from_millis(500),
            turn_deadline: Duration::from_secs(5),
            concurrency: 512,
            // A page needs a few a minute, and a verification of a deploy some hundreds at once.
            rate_per_credential: Some(Rate::a_minute(PER_CREDENTIAL)),
            rate_per_peer: Some(Rate::a_minute(PER_PEER)),
            trusted_proxies: TrustedProxies::default(),
            bytes_in_flight: 256 * 1024 * 1024,
            idle: Duration::from_secs(75),
            shutdown_grace: Duration::ZERO,
            linger: Duration::from_secs(1),
        };
        Self {
            // What was accepted is answered.
            shutdown_grace: limits.longest(),
            ..limits
        }
    }
}

impl Limits {
    /// How long what is paid for may take: the work's deadline, without the time in which its results are kept.
    #[must_use]
    pub fn paid_deadline(&self) -> Duration {
        let questions = self.database_deadline.saturating_mul(4);
        self.work_deadline
            .saturating_sub(questions.min(self.work_deadline / 4))
    }

    /// How long a request may take that is waited with at every turn: for a place, for the memory of its body, for the body,
    /// for a place again, for its twin, and for the work.
    #[must_use]
    pub fn longest(&self) -> Duration {
        let turns = self.turn_deadline.saturating_mul(3);
        let twin_and_work = self.work_deadline.saturating_mul(2);
        turns
            .saturating_add(self.body_deadline)
            .saturating_add(twin_and_work)
    }

    /// For how long nothing may move on a connection: within a request longer than any work may take.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience {
            idle: self.idle,
            busy: self.idle.saturating_add(self.longest()),
        }
    }
}

/// What a body reader needs: the bounds, and the turns.
#[derive(Clone)]
pub struct BodyPolicy {
    /// The largest body, in bytes.
    pub max_bytes: usize,
    /// How long it may take to arrive.
    pub deadline: Duration,
    /// How long it may wait for its turn.
    pub turn_deadline: Duration,
    /// One permit for each KiB that may be held at once.
    pub turns: Arc<Semaphore>,
}

impl BodyPolicy {
    /// The policy of these limits. The turns always suffice for one body of the largest size.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let permits = limits.bytes_in_flight.max(limits.body_bytes).div_ceil(1024);
        Self {
            max_bytes: limits.body_bytes,
            deadline: limits.body_deadline,
            turn_deadline: limits.turn_deadline,
            turns: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
        }
    }
}
