//! The one client that fetches what callers name. It knows nothing of ours: no key, no cookie, no proxy of the environment.
//!
//! Redirects are followed by hand, since each leads to an address that is the remote's choice. What arrives is bounded in time
//! and size, and believed in nothing: the bytes are looked at by whoever asked.

pub mod names;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{ACCEPT, LOCATION};
use reqwest::{Certificate, Client, Response, Url};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::domain::fetch::{Fetch, FetchError, FetchPolicy};
use crate::providers::fetch::names::{Judged, Names, OfTheMachine};

/// Fetches by a policy.
pub struct Fetcher {
    policy: Arc<FetchPolicy>,
    names: Arc<dyn Names>,
    /// One permit for each KiB that may be held at once.
    turns: Arc<Semaphore>,
    /// Made when it is needed first: reading the system's root certificates takes longer than starting a service.
    client: OnceCell<Client>,
}

/// Bytes, and the leave to hold them.
struct Held {
    bytes: BytesMut,
    _turn: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Fetch for Fetcher {
    fn fetch(&self, url: String) -> BoxFuture<'_, Result<Bytes, FetchError>> {
        async move {
            let fetched = timeout(self.policy.deadline, self.follow(&url)).await;
            let fetched = fetched.unwrap_or(Err(FetchError::TooSlow));
            if let Err(error) = &fetched {
                // Not the address: the rest of it may be a key to the recording.
                tracing::info!(code = error.code(), "a caller's recording was not fetched");
            }
            fetched
        }
        .boxed()
    }
}

impl Fetcher {
    /// A fetcher that finds names as the machine does. Sends nothing.
    #[must_use]
    pub fn new(policy: FetchPolicy) -> Self {
        Self::with_names(policy, Arc::new(OfTheMachine))
    }

    /// A fetcher that finds names here.
    #[must_use]
    pub fn with_names(policy: FetchPolicy, names: Arc<dyn Names>) -> Self {
        // Always enough for one of the largest.
        let permits = policy.bytes_in_flight.max(policy.most_bytes).div_ceil(1024);
        Self {
            policy: Arc::new(policy),
            names,
            turns: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            client: OnceCell::new(),
        }
    }

    async fn follow(&self, url: &str) -> Result<Bytes, FetchError> {
        let mut url = self.policy.judge(url)?;
        for _ in 0..=self.policy.redirects {
            let response = self.ask(url.clone()).await?;
            let status = response.status();
            if status.is_success() {
                return self.read(response).await;
            }
            let elsewhere = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
            let refused = FetchError::Refused {
                status: status.as_u16(),
            };
            let next = target(&url, &response).filter(|_| elsewhere).ok_or(refused)?;
            // Whatever is wrong with it, the caller did not write it.
            self.policy.judge_url(&next).map_err(|_| FetchError::Forbidden)?;
            url = next;
        }
        Err(FetchError::Redirects)
    }

    async fn ask(&self, url: Url) -> Result<Response, FetchError> {
        let client = self.client.get_or_try_init(|| self.make()).await?;
        let sent = client.get(url).header(ACCEPT, "audio/*").send().await;
        sent.map_err(|error| {
            if error.is_timeout() {
                FetchError::TooSlow
            } else {
                FetchError::Unreachable
            }
        })
    }

    async fn make(&self) -> Result<Client, FetchError> {
        let judged = Judged {
            names: self.names.clone(),
            policy: self.policy.clone(),
        };
        let builder = Client::builder()
            .dns_resolver(Arc::new(judged))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .https_only(!self.policy.plain_http)
            // A connection that was kept would be one that is not judged again.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("orchestrate/", env!("CARGO_PKG_VERSION")));
        let authorities = self.policy.authorities.clone();
        let made = tokio::task::spawn_blocking(move || {
            let more = Certificate::from_pem_bundle(authorities.as_bytes())?;
            builder.tls_certs_merge(more).build()
        })
        .await;
        made.ok().and_then(Result::ok).ok_or_else(|| {
            tracing::error!("recordings cannot be fetched: TLS cannot be set up");
            FetchError::Unreachable
        })
    }

    async fn read(&self, mut response: Response) -> Result<Bytes, FetchError> {
        let most = self.policy.most_bytes;
        let declared = response.content_length().map(usize::try_from);
        let expected = match declared {
            None => most,
            Some(Ok(length)) if length <= most => length,
            Some(_) => return Err(FetchError::TooLarge),
        };
        let turn = self.turn(expected).await?;
        // As much as the turn is for, at once: what grows by doubling holds up to twice as much.
        let mut bytes = BytesMut::with_capacity(expected);
        while let Some(chunk) = response.chunk().await.map_err(|_| FetchError::Unreachable)? {
            if bytes.len() + chunk.len() > most {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Bytes::from_owner(Held { bytes, _turn: turn }))
    }

    /// The leave to hold as many bytes.
    async fn turn(&self, bytes: usize) -> Result<OwnedSemaphorePermit, FetchError> {
        let permits = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let turn = self.turns.clone().acquire_many_owned(permits);
        let turn = timeout(self.policy.turn_deadline, turn).await;
        turn.ok().and_then(Result::ok).ok_or(FetchError::Busy)
    }
}

/// Where a redirect leads (RFC 9110 §10.2.2).
fn target(from: &Url, response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    from.join(location).ok()
}
