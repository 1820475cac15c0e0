//! Which requests get in at all: not too many from one address, and not too many at once.
//!
//! Health is asked for in any case, and a preflight too: who refuses that shows a page a network error where a reason belongs.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use poem::http::{Method, StatusCode};
use poem::{Endpoint, IntoResponse, Request, Response, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::http::limits::Limits;
use crate::http::peer::{TrustedProxies, household};
use crate::http::problem::Problem;
use crate::http::rate::{Limiters, Noted, fields};

/// What is asked for by who watches the service, under the API's prefix.
pub const WATCHED: [&str; 3] = ["/health", "/livez", "/ready"];

/// Wraps an endpoint so that not everybody gets in.
pub struct Admission<E> {
    inner: E,
    prefix: &'static str,
    proxies: TrustedProxies,
    limiters: Arc<Limiters>,
    places: Places,
}

/// The places of those that are worked on at once.
#[derive(Clone)]
struct Places {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Places {
    /// One of them, as soon as it is free; none when that takes too long.
    async fn take(&self) -> Option<OwnedSemaphorePermit> {
        let free = self.free.clone().acquire_owned();
        // Nobody closes it.
        timeout(self.patience, free).await.ok()?.ok()
    }
}

/// The place of one request. Who is waited for holds none: a sender that never ends would keep others from theirs.
#[derive(Clone)]
pub(super) struct Place {
    among: Places,
    held: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Place {
    fn of(among: Places, held: OwnedSemaphorePermit) -> Self {
        Self {
            among,
            held: Arc::new(Mutex::new(Some(held))),
        }
    }

    fn set(&self, held: Option<OwnedSemaphorePermit>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// Waits for something that is not work, and gives the place to others meanwhile.
    ///
    /// # Errors
    /// That of what was waited for, and 503 when no place is free again in time.
    pub(super) async fn away<T>(
        &self,
        until: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        self.set(None);
        let awaited = until.await?;
        self.set(Some(self.among.take().await.ok_or_else(busy)?));
        Ok(awaited)
    }
}

impl<E> Admission<E> {
    /// Lets requests to `inner` in within these limits. What is watched lies under `prefix`.
    pub fn new(inner: E, prefix: &'static str, limits: &Limits) -> Self {
        Self {
            inner,
            prefix,
            proxies: limits.trusted_proxies.clone(),
            limiters: Arc::new(Limiters::new(limits.rate_per_credential, limits.rate_per_peer)),
            places: Places {
                free: Arc::new(Semaphore::new(limits.concurrency.min(Semaphore::MAX_PERMITS))),
                patience: limits.turn_deadline,
            },
        }
    }

    fn is_free(&self, request: &Request) -> bool {
        let path = request.uri().path().strip_prefix(self.prefix);
        request.method() == Method::OPTIONS || path.is_some_and(|path| WATCHED.contains(&path))
    }

    /// A place among those that are worked on at once.
    async fn admit(&self, request: &Request) -> Result<Place, Problem> {
        let standing = match self.client(request) {
            Some(address) => self.limiters.peer(household(address))?,
            None => None,
        };
        match self.places.take().await {
            Some(held) => Ok(Place::of(self.places.clone(), held)),
            None => {
                let mut busy = busy();
                // Whose credential it is nobody has asked yet.
                busy.headers.extend(standing.into_iter().flat_map(fields));
                Err(busy)
            }
        }
    }

    /// None behind a socket that has no address.
    fn client(&self, request: &Request) -> Option<IpAddr> {
        let connection = request.remote_addr().as_socket_addr()?.ip();
        Some(self.proxies.client(connection, request.headers()))
    }
}

impl<E: Endpoint> Endpoint for Admission<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if self.is_free(&request) {
            return Ok(self.inner.get_response(request).await);
        }
        let place = match self.admit(&request).await {
            Ok(place) => place,
            Err(problem) => return Ok(problem.into_response()),
        };
        let noted = Noted::default();
        request.set_data(noted.clone());
        request.set_data(place.clone());
        request.set_data(self.limiters.clone());
        let mut response = self.inner.get_response(request).await;
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            noted.write(response.headers_mut());
        }
        Ok(response)
    }
}

pub(super) fn busy() -> Problem {
    let detail = "Too many requests are being worked on at once. Send it again a little later.";
    Problem::come_back("too_busy", detail)
}
