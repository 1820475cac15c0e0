//! A small load generator for `scripts/bench`: so many GET requests over so many kept connections, and how long that took.
//! Loopback only, and bounded in count and in time: it is a ruler, not a weapon.
//!
//! `load http://127.0.0.1:PORT/path REQUESTS CONNECTIONS` prints requests a second, and the slowest of them in ms.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HOST;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The most that may be asked for.
const MOST_REQUESTS: u64 = 1_000_000;
const MOST_CONNECTIONS: u64 = 256;
/// The longest that it may take.
const LONGEST: Duration = Duration::from_secs(60);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, requests, connections] = words.as_slice() else {
        return Err("usage: load http://127.0.0.1:PORT/path REQUESTS CONNECTIONS".into());
    };
    let uri: Uri = url.parse()?;
    let address: SocketAddr = uri
        .authority()
        .ok_or("the URL names no host")?
        .as_str()
        .parse()
        .map_err(|_| "the host must be an address and a port, such as 127.0.0.1:8080")?;
    if !address.ip().is_loopback() {
        return Err(format!("{address} is not loopback, and nothing else is loaded").into());
    }
    let requests = requests.parse::<u64>()?.min(MOST_REQUESTS);
    let connections = connections.parse::<u64>()?.clamp(1, MOST_CONNECTIONS);
    let begun = Instant::now();
    let slowest = tokio::time::timeout(LONGEST, load(&uri, address, requests, connections))
        .await
        .map_err(|_| format!("not done within {} s", LONGEST.as_secs()))??;
    let rate = requests as f64 / begun.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{rate:.0} {:.1}",
        slowest.as_secs_f64() * 1000.0
    )?;
    Ok(())
}

/// Sends them all, and returns how long the slowest took.
async fn load(uri: &Uri, address: SocketAddr, requests: u64, connections: u64) -> Result<Duration, Failure> {
    let left = Arc::new(AtomicU64::new(requests));
    let mut lanes = tokio::task::JoinSet::new();
    for _ in 0..connections {
        lanes.spawn(lane(uri.clone(), address, Arc::clone(&left)));
    }
    let mut slowest = Duration::ZERO;
    while let Some(lane) = lanes.join_next().await {
        slowest = slowest.max(lane??);
    }
    Ok(slowest)
}

/// One kept connection: a request after the other until none is left. Whatever is not a 200 ends the run.
async fn lane(uri: Uri, address: SocketAddr, left: Arc<AtomicU64>) -> Result<Duration, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut slowest = Duration::ZERO;
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
        .is_ok()
    {
        let request = Request::get(path.as_str())
            .header(HOST, address.to_string())
            .body(Empty::<Bytes>::new())?;
        let begun = Instant::now();
        sender.ready().await?;
        let mut response = sender.send_request(request).await?;
        while let Some(frame) = response.frame().await {
            frame?;
        }
        slowest = slowest.max(begun.elapsed());
        if response.status() != StatusCode::OK {
            return Err(format!("{uri} answers {} under load", response.status()).into());
        }
    }
    driven.abort();
    Ok(slowest)
}
