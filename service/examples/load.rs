//! A small load generator for `scripts/bench`: so many requests over so many kept connections, and how long that took.
//! Loopback only, and bounded in count and in time: it is a ruler, not a weapon.
//!
//! `load http://127.0.0.1:PORT/path REQUESTS CONNECTIONS [FILE]` prints requests a second, and the median, the 99th percentile
//! and the longest of their times in ms. Each is a GET, or a POST of the JSON in the file, with the token in `LOAD_TOKEN` if
//! there is one.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The most that may be asked for.
const MOST_REQUESTS: u64 = 1_000_000;
const MOST_CONNECTIONS: u64 = 256;
/// The longest that it may take.
const LONGEST: Duration = Duration::from_secs(60);

type Failure = Box<dyn Error + Send + Sync>;

/// What is asked, each time.
struct Asked {
    address: SocketAddr,
    path: String,
    /// None to read, else what is posted.
    body: Option<Bytes>,
    token: Option<String>,
    left: AtomicU64,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ([url, requests, connections], file) = words
        .split_first_chunk()
        .ok_or("usage: load http://127.0.0.1:PORT/path REQUESTS CONNECTIONS [FILE]")?;
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
    let asked = Arc::new(Asked {
        address,
        path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        body: file.first().map(std::fs::read).transpose()?.map(Bytes::from),
        token: std::env::var("LOAD_TOKEN").ok(),
        left: AtomicU64::new(requests.parse::<u64>()?.min(MOST_REQUESTS)),
    });
    let connections = connections.parse::<u64>()?.clamp(1, MOST_CONNECTIONS);
    let begun = Instant::now();
    let times = tokio::time::timeout(LONGEST, load(&asked, connections))
        .await
        .map_err(|_| format!("not done within {} s", LONGEST.as_secs()))??;
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    let [middle, late, longest] =
        [0.5, 0.99, 1.0].map(|part| percentile(&times, part).as_secs_f64() * 1000.0);
    writeln!(std::io::stdout(), "{rate:.0} {middle:.3} {late:.3} {longest:.3}")?;
    Ok(())
}

/// The time within which this part of them ended (nearest rank); zero of none.
fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// Sends them all, and returns how long each took, the quickest first.
async fn load(asked: &Arc<Asked>, connections: u64) -> Result<Vec<Duration>, Failure> {
    let mut lanes = tokio::task::JoinSet::new();
    for _ in 0..connections {
        lanes.spawn(lane(asked.clone()));
    }
    let mut times = Vec::new();
    while let Some(lane) = lanes.join_next().await {
        times.extend(lane??);
    }
    times.sort_unstable();
    Ok(times)
}

/// One kept connection: a request after the other until none is left. Whatever is not a 200 ends the run.
async fn lane(asked: Arc<Asked>) -> Result<Vec<Duration>, Failure> {
    let stream = TcpStream::connect(asked.address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let mut times = Vec::new();
    let take = |left: u64| left.checked_sub(1);
    while asked
        .left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
        .is_ok()
    {
        let request = asked.request()?;
        let begun = Instant::now();
        sender.ready().await?;
        let mut response = sender.send_request(request).await?;
        while let Some(frame) = response.frame().await {
            frame?;
        }
        times.push(begun.elapsed());
        if response.status() != StatusCode::OK {
            return Err(format!("{} answers {} under load", asked.path, response.status()).into());
        }
    }
    driven.abort();
    Ok(times)
}

impl Asked {
    fn request(&self) -> http::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(if self.body.is_some() {
                Method::POST
            } else {
                Method::GET
            })
            .uri(&self.path)
            .header(HOST, self.address.to_string());
        if self.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        request.body(Full::new(self.body.clone().unwrap_or_default()))
    }
}
