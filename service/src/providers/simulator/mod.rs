//! A provider that speaks the OpenAI HTTP API on loopback, for running and testing without a key.
//!
//! It says that it is a simulator, understands nothing and costs nothing; but what it answers depends on what
//! it is sent, it refuses what the real API refuses, and it can be told to fail as a real provider fails. It is
//! reached over a real socket, by the same client as the real one, so that there is one code path.

pub mod answers;
pub mod chat;
pub mod lexicon;
pub mod mode;
pub mod routes;
pub mod speech;
pub mod whisper_languages;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use poem::listener::TcpAcceptor;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::providers::simulator::mode::Mode;

/// A key that the simulator takes; any other that is not empty will do as well.
pub const KEY: &str = "simulator";

/// What `GET /v1/models` says that every model is owned by.
pub const OWNER: &str = "greenlight-simulator";

/// How long open answers have when the simulator stops.
const LAST_ANSWERS: Duration = Duration::from_millis(50);

/// How a simulator behaves.
#[derive(Debug, Clone, Default)]
pub struct SimulatorSettings {
    /// How long each paid call takes before it is answered.
    pub latency: Duration,
    /// How it fails, if it does.
    pub mode: Mode,
}

/// How many paid calls arrived, whether they were answered, refused or left hanging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls {
    /// `POST /v1/audio/transcriptions`.
    pub transcriptions: u64,
    /// `POST /v1/chat/completions`.
    pub completions: u64,
}

/// A running simulator; it stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<io::Result<()>>>,
}

/// Counts the paid calls of a simulator.
#[derive(Debug, Clone)]
pub struct Counter(Arc<Shared>);

impl Counter {
    /// How many paid calls arrived so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        Calls {
            transcriptions: self.0.transcriptions.load(Ordering::Relaxed),
            completions: self.0.completions.load(Ordering::Relaxed),
        }
    }
}

/// What the routes see of their simulator.
#[derive(Debug)]
pub(crate) struct Shared {
    latency: Duration,
    mode: Mutex<Mode>,
    transcriptions: AtomicU64,
    completions: AtomicU64,
}

impl Shared {
    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn count_transcription(&self) {
        self.transcriptions.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_completion(&self) {
        self.completions.fetch_add(1, Ordering::Relaxed);
    }
}

impl Simulator {
    /// Starts a simulator on a free port of 127.0.0.1, on the Tokio runtime that this is called on.
    ///
    /// # Errors
    /// When there is no runtime, or no port to be had.
    pub fn start(settings: SimulatorSettings) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let acceptor = TcpAcceptor::from_std(listener)?;
        let shared = Arc::new(Shared {
            latency: settings.latency,
            mode: Mutex::new(settings.mode),
            transcriptions: AtomicU64::new(0),
            completions: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let routes = routes::routes(Arc::clone(&shared));
        let server = runtime.spawn(async move {
            let signal = async {
                // Sent or dropped: both mean stop.
                let _ = stopped.await;
            };
            let server = poem::Server::new_with_acceptor(acceptor).name("simulator");
            server
                .run_with_graceful_shutdown(routes, signal, Some(LAST_ANSWERS))
                .await
        });
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            server: Some(server),
        })
    }

    /// The base URL to give to a client, with the version segment: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// How many paid calls arrived so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.counter().calls()
    }

    /// What counts its paid calls, for whoever wants to look later.
    #[must_use]
    pub fn counter(&self) -> Counter {
        Counter(Arc::clone(&self.shared))
    }

    /// Changes how it behaves from the next request on.
    pub fn set_mode(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Stops accepting, lets open answers finish for a moment, cuts the rest, and returns when the port is free.
    pub async fn stop(mut self) {
        self.stop.take();
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
    }
}

#[cfg(test)]
#[path = "simulator_tests.rs"]
mod tests;
