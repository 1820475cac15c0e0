//! `GET /metrics`, on a listener of its own: how much we are used, and by whom nobody outside may know.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::make_sync;
use poem::listener::TcpAcceptor;
use poem::{Response, Route, Server};
use tokio::net::TcpListener;

use crate::telemetry::metrics::{MEDIA_TYPE, Metrics};

/// Where it is.
pub const PATH: &str = "/metrics";

/// How long a connection may be idle before it is closed; longer than the usual time between two scrapes.
const IDLE: Duration = Duration::from_secs(120);

/// Serves them until it is dropped.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, metrics: Arc<Metrics>) -> io::Result<()> {
    let page = make_sync(move |_| Response::builder().content_type(MEDIA_TYPE).body(metrics.text()));
    Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?)
        .idle_timeout(IDLE)
        .run(Route::new().at(PATH, poem::get(page)))
        .await
}
