//! The serving half: an app on its listener, until it is told to stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::http::header::CONNECTION;
use poem::http::{HeaderValue, Version};
use poem::{Endpoint, Request, Response, Server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::app::{App, BuildError, build};
use crate::auth::session::SessionBook;
use crate::config::Settings;
#[cfg(feature = "faults")]
use crate::faults::closing::ClosingAcceptor;
use crate::http::api::PREFIX;
use crate::http::arrivals::{Arrivals, Present};
use crate::http::patience::PatientAcceptor;
use crate::http::stopping::Stopping;
use crate::telemetry::metrics::Metrics;

impl App {
    /// What is counted of it, also while it is served.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        self.metrics.clone()
    }

    /// Serves until `shutdown` comes. Then readiness is over and every answer ends its connection; whoever was connecting is
    /// still let in, and a client that has a connection may send one more request, for at most the time to linger that was
    /// set; requests in flight finish within the grace that was set, from then on, and so does work whose client went away.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let (stopping, present) = (self.stopping, Present::default());
        let last_orders = OnceLock::new();
        let arrivals = Arrivals::new(listener, stopping.clone(), present.clone(), self.linger)?;
        let mut over = arrivals.over();
        let acceptor = PatientAcceptor::new(arrivals, self.patience, present.clone());
        #[cfg(feature = "faults")]
        let acceptor = ClosingAcceptor::new(acceptor, self.condemned);
        let stopped = async {
            shutdown.await;
            stopping.tell();
            let _ = over.wait_for(|over| *over).await;
            // The server closes a connection from which it has read nothing yet, so it is not told before it has.
            present.heard(self.linger).await;
            let _ = last_orders.set(Instant::now());
        };
        let served = Server::new_with_acceptor(acceptor)
            .run_with_graceful_shutdown(farewell(self.endpoint, &stopping), stopped, Some(self.grace))
            .await;
        // What nobody waits for any more was paid for, and is kept under its key.
        let since = last_orders.get().map(Instant::elapsed).unwrap_or_default();
        self.under_way.close();
        let done = timeout(self.grace.saturating_sub(since), self.under_way.wait()).await;
        if done.is_err() {
            tracing::warn!(
                count = self.under_way.len(),
                "work was given up: its grace is over"
            );
        }
        // Only now: work still needed it.
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
        served
    }
}

/// Once told to stop, each answer says that it is the last one on its connection (RFC 9112 §9.6).
fn farewell(endpoint: BoxEndpoint<'static, Response>, stopping: &Stopping) -> impl Endpoint + use<> {
    let stopping = stopping.clone();
    endpoint.around(move |endpoint, request: Request| {
        let stopping = stopping.clone();
        async move {
            // HTTP/2 has a frame for it, and forbids the field.
            let has_field = request.version() <= Version::HTTP_11;
            let mut response = endpoint.get_response(request).await;
            if has_field && stopping.told() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok(response)
        }
    })
}

/// Why no service could be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It could not listen.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
}

/// A service that runs on a free port of loopback: for tests and the lab.
pub struct Running {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    sessions: Arc<SessionBook>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Builds a service and serves it on a free port.
    ///
    /// # Errors
    /// When it cannot be built, or no port can be had.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        Ok(Self::serve(build(settings).await?).await?)
    }

    /// Serves an app on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(app: App) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, metrics) = (listener.local_addr()?, app.metrics());
        let sessions = app.sessions.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown: BoxFuture<'static, ()> = Box::pin(async move {
            // An error means that the handle was dropped, which stops the service too.
            let _ = stopped.await;
        });
        let task = tokio::spawn(app.serve(listener, shutdown));
        Ok(Self {
            address,
            metrics,
            sessions,
            stop: Some(stop),
            task,
        })
    }

    /// What is counted of it.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Where its sessions begin, for whoever needs one without a login: tests and the lab.
    #[must_use]
    pub fn sessions(&self) -> &SessionBook {
        &self.sessions
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of the API, such as `http://127.0.0.1:4711/api/v3`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{PREFIX}", self.address)
    }

    /// Stops it, and waits until requests in flight have finished.
    ///
    /// # Errors
    /// When serving had failed.
    pub async fn shutdown(mut self) -> io::Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        (&mut self.task)
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}
