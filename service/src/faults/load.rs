//! What goes wrong only when several callers come, or only after some have been: shared state, a blocked loop, a pool that
//! runs dry, a database that is behind its code.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::endpoint::EndpointExt;
use poem::{Endpoint as _, Request};
use tokio::time::sleep;

use crate::domain::budget::Budget;
use crate::domain::language::Language;
use crate::domain::orchestrate::{Failure, Outcome, Work};
use crate::domain::request::OrchestrateRequest;
use crate::domain::store::StoreError;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};

/// Connections of the pool that runs dry.
const POOL: usize = 4;
/// How long work blocks the loop.
const BLOCKED: Duration = Duration::from_millis(180);
/// How long a request lies in the shared place before it is worked on.
const LYING: Duration = Duration::from_millis(120);

/// The work, or work that shares what it should not.
#[must_use]
pub fn work(work: Arc<dyn Work>, faults: &Faults) -> Arc<dyn Work> {
    if faults.has(FaultId::Crosstalk) {
        Arc::new(Sharing {
            inner: work,
            current: Mutex::new(None),
        })
    } else if faults.has(FaultId::PoolExhausted) {
        Arc::new(Leaking {
            inner: work,
            taken: AtomicUsize::new(0),
        })
    } else if faults.has(FaultId::LoopBlocked) {
        Arc::new(Heavy(work))
    } else if faults.has(FaultId::MigrationMissing) {
        Arc::new(Behind(work))
    } else {
        work
    }
}

/// One loop for all requests: whoever holds it stops the others.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if !faults.has(FaultId::LoopBlocked) {
        return endpoint;
    }
    let event_loop = Arc::new(tokio::sync::Mutex::new(()));
    endpoint
        .around(move |endpoint, request: Request| {
            let event_loop = event_loop.clone();
            async move {
                let _held = event_loop.lock().await;
                endpoint.call(request).await
            }
        })
        .boxed()
}

/// The request that is being worked on is a field of the worker, as if there were only ever one.
struct Sharing {
    inner: Arc<dyn Work>,
    current: Mutex<Option<(OrchestrateRequest, Language)>>,
}

impl Work for Sharing {
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        async move {
            let put = Some((request.clone(), language.clone()));
            *self.current.lock().unwrap_or_else(PoisonError::into_inner) = put;
            sleep(LYING).await;
            let current = self
                .current
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let (request, language) = current.unwrap_or((request, language));
            self.inner.run(request, language, subject, budget).await
        }
        .boxed()
    }
}

/// Work that takes a connection from a pool and never gives it back.
struct Leaking {
    inner: Arc<dyn Work>,
    taken: AtomicUsize,
}

impl Work for Leaking {
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        async move {
            if self.taken.fetch_add(1, Ordering::SeqCst) >= POOL {
                return Err(StoreError::Slow.into());
            }
            self.inner.run(request, language, subject, budget).await
        }
        .boxed()
    }
}

/// Work that takes its time, and holds the loop meanwhile.
struct Heavy(Arc<dyn Work>);

impl Work for Heavy {
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        async move {
            sleep(BLOCKED).await;
            self.0.run(request, language, subject, budget).await
        }
        .boxed()
    }
}

/// Work on a database that was not migrated: what reads the old columns works, what writes the new one does not.
struct Behind(Arc<dyn Work>);

impl Work for Behind {
    fn run<'a>(
        &'a self,
        mut request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        async move {
            let saves = std::mem::take(&mut request.output.save_to_db);
            let outcome = self.0.run(request, language, subject, budget).await?;
            if saves {
                tracing::error!("table curations has no column named language");
                return Err(StoreError::Failed.into());
            }
            Ok(outcome)
        }
        .boxed()
    }
}
