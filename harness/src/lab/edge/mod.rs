//! A small edge in front of the embedded service: a real proxy on a port of its own, which can do to requests and answers
//! what proxies, platforms and load balancers are known to do.
//!
//! It speaks HTTP/1 by hand, since what it must be able to get wrong no library would write.

pub mod deed;
pub mod healthy;
pub mod http1;
pub mod http2;
pub mod old;
pub mod tls;
pub mod twist;
pub mod upstream;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use orchestrate::config::Settings;
use orchestrate::faults::Faults;
use orchestrate::faults::id::FaultId;
use orchestrate::storage::sqlite::Location;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::lab::edge::deed::{Asked, Deed};
use crate::lab::edge::tls::{Authority, Shown};
use crate::lab::edge::twist::Twist;
use crate::lab::embedded::Embedded;
use crate::lab::subject::Subject;

/// The name that the edge has where TLS, or a name with several addresses, needs one (RFC 2606 §2).
pub const HOST: &str = "api.lab.test";

/// How late a slow service behind an edge answers: later than the edge waits, and no longer than it must be waited for when
/// the service stops.
const SLOW: Duration = Duration::from_millis(600);

/// An edge, what it does, and what stands behind it.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// What it speaks.
    pub front: Front,
    /// What stands behind it.
    pub behind: Behind,
    /// What it does to requests and answers.
    pub twist: Twist,
    /// What is wrong with the service itself.
    pub service: &'static [FaultId],
    /// Whether its name has another address besides, at which nothing listens and which is tried first.
    pub dead_address: bool,
}

/// What an edge speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// HTTP/1.
    Plain,
    /// The same, under a name: the API on the open internet without TLS.
    Named,
    /// TLS with this certificate; without TLS, a redirect to it.
    Tls(Shown),
    /// The same, with HTTP/2.
    Http2(Shown),
}

/// What stands behind an edge.
#[derive(Debug, Clone, Copy)]
pub enum Behind {
    /// One service.
    One,
    /// Two, of which the second is altered so. Connections go to one and the other in turn.
    Two(fn(&mut Settings)),
    /// Services of these builds. Connections go to each in turn.
    Builds(&'static [&'static str]),
    /// So many, one after the other: while one takes over from another, a few requests find nobody.
    InTurn(usize),
    /// Nothing listens.
    Nobody,
}

impl Edge {
    /// An edge that does this, in front of one healthy service.
    pub const fn that(twist: Twist) -> Edge {
        Edge {
            front: Front::Plain,
            behind: Behind::One,
            twist,
            service: &[],
            dead_address: false,
        }
    }

    /// The same, with this front.
    #[must_use]
    pub const fn over(mut self, front: Front) -> Edge {
        self.front = front;
        self
    }

    /// The same, in front of this.
    #[must_use]
    pub const fn before(mut self, behind: Behind) -> Edge {
        self.behind = behind;
        self
    }

    /// The same, in front of a service with these faults.
    #[must_use]
    pub const fn with(mut self, service: &'static [FaultId]) -> Edge {
        self.service = service;
        self
    }

    /// The same, under a name with a dead address.
    #[must_use]
    pub const fn at_a_dead_address_too(mut self) -> Edge {
        self.dead_address = true;
        self.front = Front::Named;
        self
    }

    /// Starts it with what stands behind it, and points a subject at it.
    pub async fn start(self, settings: Settings, subject: &mut Subject) -> Result<Standing, String> {
        let (services, shared) = services(self, settings).await?;
        let first = services.first().ok_or("there is no service")?;
        subject.vault = first.join(&mut subject.target);
        let path = subject.target.base_path().to_owned();
        let mut addresses = Vec::new();
        for service in &services {
            let mut target = subject.target.clone();
            let _ = service.join(&mut target);
            addresses.push(address(&target.base)?);
        }
        if matches!(self.behind, Behind::Nobody) {
            addresses = vec![vacant().await?];
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let (tls, ca_pem) = match self.front {
            Front::Plain | Front::Named => (None, None),
            Front::Tls(shown) => Authority::make(shown, false)?.split(),
            Front::Http2(shown) => Authority::make(shown, true)?.split(),
        };
        subject.target.base = match self.front {
            Front::Plain => format!("http://127.0.0.1:{port}{path}"),
            Front::Named => format!("http://{HOST}:{port}{path}"),
            Front::Tls(_) | Front::Http2(_) => format!("https://{HOST}:{port}{path}"),
        };
        let mut pins = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        if self.dead_address {
            // All of 127.0.0.0/8 is loopback, and nothing of ours listens there.
            pins.insert(0, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77)));
        }
        subject.pins.insert(HOST.to_owned(), pins);
        subject.ca_pem = ca_pem;
        let post = Arc::new(Post {
            edge: self,
            services: addresses,
            tls,
            connections: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
        });
        Ok(Standing {
            services,
            _shared: shared,
            serving: tokio::spawn(serve(listener, post)),
        })
    }
}

/// An edge that runs.
pub struct Standing {
    services: Vec<Embedded>,
    /// The database of several processes of one service.
    _shared: Option<TempDir>,
    serving: JoinHandle<()>,
}

impl Standing {
    /// Stops it, and what stands behind it.
    pub async fn stop(self) {
        self.serving.abort();
        for service in self.services {
            service.stop().await;
        }
    }
}

/// What every connection of an edge shares.
pub(crate) struct Post {
    pub(crate) edge: Edge,
    pub(crate) services: Vec<SocketAddr>,
    pub(crate) tls: Option<TlsAcceptor>,
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// Calls of the main operation that the service accepted.
    pub(crate) accepted: AtomicUsize,
}

/// A connection of the edge.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// Its number, from 0.
    pub(crate) number: usize,
    /// Whether TLS protects it.
    pub(crate) tls: bool,
}

impl Post {
    /// What is done with a request.
    pub(crate) async fn deed(&self, line: Line, asked: Asked) -> Deed {
        let nth = self.requests.fetch_add(1, Ordering::SeqCst);
        twist::deed(self, line, nth, asked).await
    }
}

async fn serve(listener: TcpListener, post: Arc<Post>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        connections.spawn(connection(stream, post.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection: TLS when its first byte begins a handshake (RFC 8446 §5.1), else as it comes.
async fn connection(stream: TcpStream, post: Arc<Post>) {
    let number = post.connections.fetch_add(1, Ordering::SeqCst);
    let mut first = [0_u8];
    let begins_tls = matches!(stream.peek(&mut first).await, Ok(1)) && first == [0x16];
    let line = Line {
        number,
        tls: begins_tls,
    };
    match &post.tls {
        Some(_)
            if begins_tls && post.edge.twist.speaks_old_tls() && old::offers_nothing_newer(&stream).await =>
        {
            old::answer(stream, post.edge.twist == Twist::OldTls).await;
        }
        Some(acceptor) if begins_tls => {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                http2::serve(stream, line, post).await;
            } else {
                http1::serve(stream, line, post).await;
            }
        }
        _ => http1::serve(stream, line, post).await,
    }
}

/// What stands behind an edge. Several processes share a database, as those of one service do.
async fn services(edge: Edge, mut settings: Settings) -> Result<(Vec<Embedded>, Option<TempDir>), String> {
    let shared = match edge.behind {
        Behind::One | Behind::Nobody => None,
        Behind::Builds(_) | Behind::Two(_) | Behind::InTurn(_) => {
            let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
            settings.database = Location::File(directory.path().join("shared.db")).into();
            Some(directory)
        }
    };
    settings.faults = edge.service.iter().copied().collect::<Faults>();
    settings.faults.delay = SLOW;
    let mut all = vec![settings.clone()];
    match edge.behind {
        Behind::Builds(builds) => {
            let build = |commit: &&str| {
                let mut one = another(&settings);
                one.build.commit = Some(commit.repeat(6).chars().take(40).collect());
                one
            };
            all = builds.iter().map(build).collect();
        }
        Behind::One | Behind::Nobody => {}
        Behind::Two(alter) => {
            let mut second = another(&settings);
            alter(&mut second);
            all.push(second);
        }
        Behind::InTurn(many) => all.extend((1..many).map(|_| another(&settings))),
    }
    let mut services = Vec::new();
    for settings in all {
        let started = Embedded::start(settings).await;
        services.push(started.map_err(|error| error.to_string())?);
    }
    Ok((services, shared))
}

/// The same service as another process.
fn another(settings: &Settings) -> Settings {
    let mut other = settings.clone();
    other.build.instance = orchestrate::config::Build::current().instance;
    other
}

fn address(base: &str) -> Result<SocketAddr, String> {
    let after = base.split_once("://").map_or(base, |(_, after)| after);
    let authority = after.split('/').next().unwrap_or_default();
    authority
        .parse()
        .map_err(|error| format!("{authority} is no address: {error}"))
}

/// An address at which nothing listens: its listener is gone.
pub(crate) async fn vacant() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let gone = listener.and_then(|listener| listener.local_addr());
    gone.map_err(|error| error.to_string())
}
