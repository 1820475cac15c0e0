use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::{Notify, Semaphore};

use super::*;

/// An issuer whose answers a test decides.
#[derive(Default)]
struct Issuer {
    fetches: AtomicUsize,
    keys: Mutex<Vec<&'static str>>,
    away: AtomicBool,
    /// When there is one, a fetch waits for it.
    held: Mutex<Option<Arc<Semaphore>>>,
    begun: Notify,
}

impl Issuer {
    fn with(keys: &[&'static str]) -> Arc<Self> {
        let issuer = Self::default();
        issuer.publish(keys);
        Arc::new(issuer)
    }

    fn publish(&self, keys: &[&'static str]) {
        *self.keys.lock().unwrap() = keys.to_vec();
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl KeySource for Issuer {
    fn fetch(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchError>> {
        async move {
            self.fetches.fetch_add(1, Ordering::SeqCst);
            self.begun.notify_one();
            let held = self.held.lock().unwrap().clone();
            if let Some(held) = held {
                drop(held.acquire().await);
            }
            if self.away.load(Ordering::SeqCst) {
                return Err(FetchError("away"));
            }
            let keys = self.keys.lock().unwrap().clone();
            let key = |id| json!({"kty": "RSA", "kid": id, "n": "sXch", "e": "AQAB"});
            let keys: Vec<_> = keys.into_iter().map(key).collect();
            Ok(json!({"keys": keys}).to_string().into_bytes())
        }
        .boxed()
    }
}

const LONG: Duration = Duration::from_secs(3600);

/// Kept for long, and fetched again at once when need be.
const EAGER: KeyPolicy = KeyPolicy {
    fresh: LONG,
    stale: LONG,
    pause: Duration::ZERO,
};

async fn found(ring: &KeyRing, id: &str) -> Result<(), RingError> {
    ring.find(Some(id), Algorithm::RS256).await.map(drop)
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept() {
    let issuer = Issuer::with(&["a", "b"]);
    let ring = KeyRing::new(issuer.clone(), KeyPolicy::default());
    for id in ["a", "b", "a"] {
        assert_eq!(found(&ring, id).await, Ok(()));
    }
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn a_new_key_is_fetched_when_the_first_token_names_it_and_an_old_one_is_forgotten() {
    let issuer = Issuer::with(&["a"]);
    let ring = KeyRing::new(issuer.clone(), EAGER);
    assert_eq!(found(&ring, "a").await, Ok(()));
    issuer.publish(&["b"]);
    assert_eq!(found(&ring, "b").await, Ok(()));
    assert_eq!(found(&ring, "a").await, Err(RingError::No(NoKey::Unknown)));
}

#[tokio::test]
async fn a_flood_of_invented_names_is_no_flood_of_fetches() {
    let issuer = Issuer::with(&["a"]);
    let ring = KeyRing::new(issuer.clone(), KeyPolicy::default());
    assert_eq!(found(&ring, "a").await, Ok(()));
    for name in 0..100 {
        let refused = found(&ring, &format!("invented-{name}")).await;
        assert_eq!(refused, Err(RingError::No(NoKey::Unknown)));
    }
    assert_eq!(issuer.fetches(), 1, "the pause had only begun");
}

#[tokio::test]
async fn of_many_that_wait_one_fetches() {
    let issuer = Issuer::with(&["a"]);
    let held = Arc::new(Semaphore::new(0));
    *issuer.held.lock().unwrap() = Some(held.clone());
    let ring = Arc::new(KeyRing::new(issuer.clone(), EAGER));
    let asked: Vec<_> = (0..32)
        .map(|_| {
            let ring = ring.clone();
            tokio::spawn(async move { found(&ring, "a").await })
        })
        .collect();
    issuer.begun.notified().await;
    held.add_permits(1);
    for answer in asked {
        assert_eq!(answer.await.unwrap(), Ok(()));
    }
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn who_hangs_up_does_not_keep_the_keys_away() {
    let issuer = Issuer::with(&["a"]);
    let held = Arc::new(Semaphore::new(0));
    *issuer.held.lock().unwrap() = Some(held.clone());
    let ring = Arc::new(KeyRing::new(issuer.clone(), KeyPolicy::default()));
    let first = ring.clone();
    let first = tokio::spawn(async move { found(&first, "a").await });
    issuer.begun.notified().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    held.add_permits(1);
    assert_eq!(found(&ring, "a").await, Ok(()));
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn old_keys_are_used_while_new_ones_cannot_be_had_and_no_longer_than_that() {
    let issuer = Issuer::with(&["a"]);
    let never_fresh = KeyPolicy {
        fresh: Duration::ZERO,
        ..EAGER
    };
    let ring = KeyRing::new(issuer.clone(), never_fresh);
    assert_eq!(found(&ring, "a").await, Ok(()));
    issuer.away.store(true, Ordering::SeqCst);
    assert_eq!(found(&ring, "a").await, Ok(()));
    assert_eq!(issuer.fetches(), 2, "it did try");
    // It may be one of the new keys: nobody can say now.
    assert_eq!(found(&ring, "b").await, Err(RingError::Away));
    issuer.away.store(false, Ordering::SeqCst);
    issuer.publish(&["b"]);
    assert_eq!(found(&ring, "b").await, Ok(()));

    let nothing_kept = KeyPolicy {
        stale: Duration::ZERO,
        ..never_fresh
    };
    let ring = KeyRing::new(issuer.clone(), nothing_kept);
    assert_eq!(found(&ring, "b").await, Err(RingError::Away));
}

#[tokio::test]
async fn without_any_keys_nobody_can_say() {
    let issuer = Issuer::with(&["a"]);
    issuer.away.store(true, Ordering::SeqCst);
    let ring = KeyRing::new(issuer.clone(), KeyPolicy::default());
    assert_eq!(found(&ring, "a").await, Err(RingError::Away));
    assert_eq!(found(&ring, "a").await, Err(RingError::Away));
    assert_eq!(issuer.fetches(), 1, "not asked again within the pause");
}
