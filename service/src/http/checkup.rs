//! Measuring what the service stands on, for everybody who asks at once.
//!
//! A probe must be cheap for the probed: a hundred of them that arrive together cost one question to the database and one
//! to the provider, and so does a probe that somebody gives up. An answer is remembered only as long as whoever asks lets it be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use crate::domain::provider::{Provider, ProviderError};
use crate::domain::store::{Store, StoreError};
use crate::telemetry::context;

/// How long a look at the provider may take, whatever its client's own deadline is.
const PROVIDER_PATIENCE: Duration = Duration::from_secs(5);

/// What was measured, when, and how long that took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured<T> {
    /// What came of it.
    pub answer: T,
    /// When it was begun.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
}

impl<T> Measured<T> {
    /// How long it took, in milliseconds with three decimals.
    #[must_use]
    pub fn latency_ms(&self) -> f64 {
        (self.took.as_secs_f64() * 1e6).round() / 1e3
    }
}

/// Makes a measurement.
type Measure<T> = Box<dyn Fn() -> BoxFuture<'static, T> + Send + Sync>;

/// One measurement at a time, and the last one.
pub struct Shared<T> {
    measure: Measure<T>,
    last: Mutex<Option<Flight<T>>>,
}

/// A measurement on its way, or arrived.
struct Flight<T> {
    began: Instant,
    arrives: watch::Receiver<Option<Measured<T>>>,
}

impl<T: Clone + Send + Sync + 'static> Shared<T> {
    /// Nothing is measured before somebody asks.
    pub fn new(measure: impl Fn() -> BoxFuture<'static, T> + Send + Sync + 'static) -> Self {
        Self {
            measure: Box::new(measure),
            last: Mutex::new(None),
        }
    }

    /// The measurement that is being made, or the last one unless it was begun longer ago than `oldest`, or a new one.
    pub async fn within(&self, oldest: Duration) -> Measured<T> {
        let mut arrives = self.flight(oldest);
        match arrives
            .wait_for(Option::is_some)
            .await
            .map(|arrived| arrived.clone())
        {
            Ok(Some(measured)) => measured,
            // It panicked, and was reported there: a panic here too, where it is caught and answered.
            _ => std::panic::resume_unwind(Box::new("a measurement panicked")),
        }
    }

    fn flight(&self, oldest: Duration) -> watch::Receiver<Option<Measured<T>>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = &*last {
            let arrived = flight.arrives.borrow().is_some();
            let under_way = !arrived && flight.arrives.has_changed().is_ok();
            if under_way || (arrived && flight.began.elapsed() < oldest) {
                return flight.arrives.clone();
            }
        }
        let (tell, arrives) = watch::channel(None);
        let (began, at, measuring) = (Instant::now(), Timestamp::now(), (self.measure)());
        // A task of its own: whoever asked first may hang up, and others wait for it.
        let measurement = async move {
            let answer = measuring.await;
            tell.send_replace(Some(Measured {
                answer,
                at,
                took: began.elapsed(),
            }));
        };
        tokio::spawn(context::carry(measurement).in_current_span());
        *last = Some(Flight {
            began,
            arrives: arrives.clone(),
        });
        arrives
    }
}

/// What the service stands on, as every health route sees it.
pub struct Checkup {
    /// The database.
    pub database: Shared<Result<(), StoreError>>,
    /// The provider, which is asked without being paid.
    pub provider: Shared<Result<(), ProviderError>>,
}

impl Checkup {
    /// Of these.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, provider: Arc<dyn Provider>) -> Self {
        let database = Shared::new(move || {
            let store = store.clone();
            async move { store.check().await }.boxed()
        });
        let provider = Shared::new(move || {
            let provider = provider.clone();
            async move {
                timeout(PROVIDER_PATIENCE, provider.check())
                    .await
                    .unwrap_or(Err(ProviderError::Timeout))
            }
            .boxed()
        });
        Self { database, provider }
    }
}

/// What health routes say of the database: `connected`, or one word for what is wrong.
#[must_use]
pub fn database_word(answer: Result<(), StoreError>) -> String {
    answer
        .map_or_else(|error| error.word(), |()| "connected")
        .to_owned()
}

/// What health routes say of the provider: `reachable`, or a stable name for what is wrong.
#[must_use]
pub fn provider_word(answer: Result<(), ProviderError>) -> String {
    answer
        .map_or_else(|error| error.code(), |()| "reachable")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// Counts how often it was measured, each time waiting for a permit.
    fn counting() -> (Arc<AtomicUsize>, Arc<Semaphore>, Shared<usize>) {
        let (times, permits) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let shared = Shared::new({
            let (times, permits) = (times.clone(), permits.clone());
            move || {
                let (times, permits) = (times.clone(), permits.clone());
                async move {
                    let time = times.fetch_add(1, Ordering::SeqCst) + 1;
                    permits.acquire().await.unwrap().forget();
                    time
                }
                .boxed()
            }
        });
        (times, permits, shared)
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn who_asks_at_once_shares_one_measurement_also_one_that_was_given_up() {
        let (times, permits, shared) = counting();
        let shared = Arc::new(shared);
        let given_up = shared.within(LONG);
        assert!(given_up.now_or_never().is_none());
        let asking = (0..100).map(|_| shared.within(LONG));
        let answers = futures_util::future::join_all(asking);
        permits.add_permits(1);
        let answers = answers.await;
        assert!(answers.iter().all(|measured| measured.answer == 1));
        assert!(answers.iter().all(|measured| measured.at == answers[0].at));
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_is_too_old_for_the_one_who_asks_is_measured_again() {
        let (_, permits, shared) = counting();
        permits.add_permits(10);
        assert_eq!(shared.within(LONG).await.answer, 1);
        assert_eq!(shared.within(LONG).await.answer, 1);
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(shared.within(Duration::from_millis(5)).await.answer, 2);
        assert_eq!(shared.within(LONG).await.answer, 2);
        assert_eq!(shared.within(Duration::ZERO).await.answer, 3);
    }

    #[tokio::test]
    async fn a_measurement_that_panics_is_a_panic_to_who_waits_and_the_next_one_is_a_new_one() {
        let times = Arc::new(AtomicUsize::new(0));
        let counted = times.clone();
        let shared = Arc::new(Shared::new(move || {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            async move { assert!(!first, "a test measurement panics") }.boxed()
        }));
        let asking = shared.clone();
        assert!(
            tokio::spawn(async move { asking.within(LONG).await })
                .await
                .is_err()
        );
        shared.within(LONG).await;
        assert_eq!(times.load(Ordering::SeqCst), 2);
    }
}
