//! Somebody wants us to stop: Ctrl-C at a terminal, SIGTERM from a CI runner.

use tokio::sync::watch;

/// Listens for the wish to stop, from the moment that it is made; none is lost until somebody asks.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Begins to listen. From then on neither signal ends the process by itself.
    pub fn listen() -> Interrupt {
        let (tell, told) = watch::channel(false);
        let signals = Signals::new();
        tokio::spawn(async move {
            signals.first().await;
            tell.send_replace(true);
        });
        Interrupt(told)
    }

    /// Resolves once somebody wants us to stop.
    pub async fn asked(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Signals(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn first(mut self) {
        let any = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        let any: Vec<_> = any.collect();
        if any.is_empty() {
            std::future::pending::<()>().await;
        }
        futures_util::future::select_all(any).await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Signals {
        Signals
    }

    async fn first(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
