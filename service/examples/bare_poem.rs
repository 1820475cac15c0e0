//! The least that poem can serve: one route, one small body, none of our layers. `scripts/bench` holds the service's
//! `/health` against it, so that a number of requests a second means something on any machine.

use std::io::Write as _;

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Route, Server, get, handler};

/// As many bytes as a health answer has, near enough.
const BODY: &str = r#"{"status":"healthy","timestamp":"2026-01-01T00:00:00.000000Z","database":"connected","version":"0.1.0","instance":"bare"}"#;

#[handler]
fn health() -> poem::Response {
    poem::Response::builder()
        .content_type("application/json; charset=utf-8")
        .body(BODY)
}

#[tokio::main]
async fn main() -> Result<(), std::io::Error> {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    for address in acceptor.local_addr() {
        writeln!(std::io::stderr(), "ready: {address}/health")?;
    }
    Server::new_with_acceptor(acceptor)
        .run(Route::new().at("/health", get(health)))
        .await
}
