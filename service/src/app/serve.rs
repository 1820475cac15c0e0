//! The serving half: an app on its listener, until it is told to stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use futures_util::future::BoxFuture;
use poem::Server;
use poem::listener::TcpAcceptor;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::{App, BuildError, build};
use crate::config::Settings;
#[cfg(feature = "faults")]
use crate::faults::closing::ClosingAcceptor;
use crate::http::api::PREFIX;
use crate::http::patience::PatientAcceptor;

impl App {
    /// Serves until `shutdown` comes, then lets requests in flight finish within the grace that was set.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let acceptor = PatientAcceptor::new(TcpAcceptor::from_tokio(listener)?, self.patience);
        #[cfg(feature = "faults")]
        let acceptor = ClosingAcceptor::new(acceptor, self.condemned);
        let served = Server::new_with_acceptor(acceptor)
            .idle_timeout(self.idle)
            .run_with_graceful_shutdown(self.endpoint, shutdown, Some(self.grace))
            .await;
        // Only now: requests in flight still needed it.
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
        served
    }
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
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown: BoxFuture<'static, ()> = Box::pin(async move {
            // An error means that the handle was dropped, which stops the service too.
            let _ = stopped.await;
        });
        let task = tokio::spawn(app.serve(listener, shutdown));
        Ok(Self {
            address,
            stop: Some(stop),
            task,
        })
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
