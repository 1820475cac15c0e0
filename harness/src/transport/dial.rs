//! Opening a connection: name, TCP, proxy, TLS, each timed, each failing under its own name.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;

use crate::model::exchange::{Phase, Phases, WireError, WireFault};
use crate::model::recording::Certificate;
use crate::transport::calm::Calm;
use crate::transport::failure::{self, ours};
use crate::transport::proxy::{self, Via};
use crate::transport::tls::{ShownChain, TlsSetup};

/// No more addresses of a name than this are tried.
pub(crate) const MOST_ADDRESSES: usize = 8;

/// A byte stream that HTTP can run on.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Where to dial.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer {
    /// The host as the URL names it, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// One of its addresses, or the first that answers.
    pub to: Option<IpAddr>,
}

/// What TLS is to settle on above it (ALPN, RFC 7301), where the peer speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// HTTP/2, or HTTP/1.1.
    Http2,
    /// HTTP/1.1 alone.
    Http1,
    /// No TLS: whoever dials writes the handshake.
    Nothing,
}

/// When an attempt must be over, and whether that is because the run must be.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    /// When.
    pub at: tokio::time::Instant,
    /// Whether it is the run's deadline, not the attempt's own.
    pub of_run: bool,
}

/// An open connection.
pub struct Dialled {
    /// The stream.
    pub stream: Box<dyn Stream>,
    /// The address at the other end, and whether that is a proxy's.
    pub address: String,
    /// Addresses that were tried before it and accepted nothing.
    pub dead: Vec<String>,
    /// The TLS version.
    pub tls: Option<String>,
    /// What ALPN settled on.
    pub alpn: Option<String>,
    /// The chain as shown.
    pub certificates: Vec<Certificate>,
}

/// A connection that was not opened, and what the server showed before that.
#[derive(Debug)]
pub struct Undialled {
    /// Why.
    pub error: WireError,
    /// The address at the other end, when TCP was established.
    pub address: Option<String>,
    /// The chain as shown, when the handshake came that far.
    pub certificates: Vec<Certificate>,
}

/// How far a dialling came.
#[derive(Debug)]
struct Progress<'p> {
    phases: &'p mut Phases,
    reached: Phase,
    begun: Instant,
    address: Option<String>,
    shown: ShownChain,
}

impl Progress<'_> {
    fn enter(&mut self, phase: Phase) {
        (self.reached, self.begun) = (phase, Instant::now());
    }

    /// Notes how long the phase took that is under way.
    fn leave(&mut self) {
        let took = Some(micros(self.begun));
        match self.reached {
            Phase::Resolve => self.phases.dns = took,
            Phase::Connect => self.phases.connect = took,
            Phase::Tls => self.phases.tls = took,
            Phase::Send | Phase::Wait | Phase::Head => {}
        }
    }
}

/// What dialling needs besides the peer.
#[derive(Debug, Default)]
pub struct Dialler {
    /// Addresses that the user set for names.
    pub pins: BTreeMap<String, Vec<IpAddr>>,
    /// TLS, when the target speaks it.
    pub tls: Option<TlsSetup>,
    /// The proxy, when there is one.
    pub via: Option<Via>,
}

impl Dialler {
    /// Opens a connection, and notes in `phases` how long each part took, the one that failed included.
    pub async fn dial(
        &self,
        peer: &Peer,
        offer: Offer,
        until: Until,
        phases: &mut Phases,
    ) -> Result<Dialled, Undialled> {
        let mut progress = Progress {
            phases,
            reached: Phase::Resolve,
            begun: Instant::now(),
            address: None,
            shown: ShownChain::default(),
        };
        let dialled = timeout_at(until.at, self.steps(peer, offer, until, &mut progress)).await;
        let error = match dialled {
            Ok(Ok(dialled)) => return Ok(dialled),
            Ok(Err(error)) => error,
            Err(_) => failure::timed_out(progress.reached, until.of_run),
        };
        progress.leave();
        Err(Undialled {
            error,
            certificates: progress.shown.certificates(),
            address: progress.address,
        })
    }

    async fn steps(
        &self,
        peer: &Peer,
        offer: Offer,
        until: Until,
        progress: &mut Progress<'_>,
    ) -> Result<Dialled, WireError> {
        let pins = match peer.to {
            Some(to) => vec![to],
            None => self.pins.get(&peer.host).cloned().unwrap_or_default(),
        };
        let pinned = pins.first().copied();
        let (host, port, pins) = match &self.via {
            Some(via) => (&via.host, via.port, Vec::new()),
            None => (&peer.host, peer.port, pins),
        };
        let addresses = resolve(host, port, &pins, progress).await?;
        progress.enter(Phase::Connect);
        let connected = connect(&addresses, until).await;
        let (stream, address, dead) = match &self.via {
            Some(_) => connected.map_err(proxy::through)?,
            None => connected?,
        };
        let mut stream: Box<dyn Stream> = Box::new(Calm::new(stream));
        let mut shown = address.to_string();
        if let Some(via) = &self.via {
            shown.push_str(" (proxy)");
            if peer.tls {
                stream = via.tunnel(stream, &authority(peer, pinned)).await?;
            } else if let Some(pinned) = pinned {
                let detail =
                    format!("a proxy chooses the address of plain HTTP; {pinned} cannot be asked of it");
                return Err(ours(Phase::Connect, detail));
            }
        }
        progress.leave();
        progress.address = Some(shown.clone());
        if !peer.tls || offer == Offer::Nothing {
            return Ok(Dialled {
                stream,
                address: shown,
                dead,
                tls: None,
                alpn: None,
                certificates: vec![],
            });
        }
        progress.enter(Phase::Tls);
        let setup = self
            .tls
            .as_ref()
            .ok_or_else(|| ours(Phase::Tls, "TLS was not set up"))?;
        let done = handshake(setup, peer, stream, offer == Offer::Http2, &progress.shown).await?;
        progress.leave();
        Ok(Dialled {
            address: shown,
            dead,
            ..done
        })
    }

    /// Whether the host is a name that dialling resolves: no address, no pinned name, not this very machine, and no proxy's
    /// matter.
    pub(crate) fn looks_up(&self, host: &str) -> bool {
        let is_here = host == "localhost" || host.ends_with(".localhost");
        let is_address = host.parse::<IpAddr>().is_ok();
        self.via.is_none() && !is_here && !is_address && !self.pins.contains_key(host)
    }

    /// The addresses that could be dialled for a peer, each of them by itself; see [`crate::transport::http::Transport`].
    pub async fn addresses(&self, peer: &Peer) -> Vec<IpAddr> {
        let host = peer.host.as_str();
        let is_here = host == "localhost" || host.ends_with(".localhost");
        if self.via.is_some() || is_here {
            return Vec::new();
        }
        let pins = self.pins.get(host).cloned().unwrap_or_default();
        let mut phases = Phases::default();
        let mut progress = Progress {
            phases: &mut phases,
            reached: Phase::Resolve,
            begun: Instant::now(),
            address: None,
            shown: ShownChain::default(),
        };
        let found = resolve(host, peer.port, &pins, &mut progress).await;
        let found = found.into_iter().flatten();
        found.map(|address| address.ip()).take(MOST_ADDRESSES).collect()
    }

    /// Whether requests go to a proxy rather than to the server, and so name the whole URI.
    pub fn is_forwarded(&self, peer: &Peer) -> bool {
        self.via.is_some() && !peer.tls
    }
}

/// What a proxy is asked to CONNECT to.
fn authority(peer: &Peer, pinned: Option<IpAddr>) -> String {
    let host = pinned.map_or_else(|| peer.host.clone(), |address| address.to_string());
    if host.contains(':') {
        format!("[{host}]:{}", peer.port)
    } else {
        format!("{host}:{}", peer.port)
    }
}

/// The host's addresses: the pinned one, the literal one, or what the system's resolver says.
async fn resolve(
    host: &str,
    port: u16,
    pinned: &[IpAddr],
    progress: &mut Progress<'_>,
) -> Result<Vec<SocketAddr>, WireError> {
    let literal = host.parse().ok();
    let known: Vec<IpAddr> = match literal {
        Some(literal) if pinned.is_empty() => vec![literal],
        _ => pinned.to_vec(),
    };
    if !known.is_empty() {
        return Ok(known
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect());
    }
    progress.enter(Phase::Resolve);
    let found = tokio::net::lookup_host((host, port)).await;
    progress.leave();
    let no_address = |detail: String| WireError {
        phase: Phase::Resolve,
        fault: WireFault::NoAddress,
        detail,
    };
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found.map_err(|error| no_address(error.to_string()))? {
        if !addresses.contains(&address) && addresses.len() < MOST_ADDRESSES {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(no_address(format!("{host} has no address")));
    }
    Ok(addresses)
}

/// The first address that accepts a connection, in the resolver's order. One that swallows packets gets its share of the
/// time, so that it cannot keep the others from being tried.
async fn connect(
    addresses: &[SocketAddr],
    until: Until,
) -> Result<(TcpStream, SocketAddr, Vec<String>), WireError> {
    let (mut last, mut dead) = (None, Vec::new());
    for (at, address) in addresses.iter().enumerate() {
        let left = until.at.saturating_duration_since(tokio::time::Instant::now());
        let others = u32::try_from(addresses.len() - at).unwrap_or(1);
        let (fault, detail) = match timeout(left / others, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address, dead));
            }
            Ok(Err(error)) => (failure::of_connect(&error), error.to_string()),
            Err(_) => (
                WireFault::TimedOut,
                "no answer within its share of the time".to_owned(),
            ),
        };
        let detail = format!("{address}: {detail}");
        if matches!(fault, WireFault::Refused | WireFault::TimedOut) {
            dead.push(detail.clone());
        }
        last = Some(WireError {
            phase: Phase::Connect,
            fault,
            detail,
        });
    }
    let error = last.unwrap_or_else(|| ours(Phase::Connect, "there was no address to dial"));
    if error.fault == WireFault::TimedOut && until.of_run {
        return Err(failure::timed_out(Phase::Connect, true));
    }
    Err(error)
}

async fn handshake(
    setup: &TlsSetup,
    peer: &Peer,
    stream: Box<dyn Stream>,
    http2: bool,
    shown: &ShownChain,
) -> Result<Dialled, WireError> {
    let config = setup
        .handshake(http2, shown)
        .map_err(|error| ours(Phase::Tls, error.to_string()))?;
    let name = ServerName::try_from(peer.host.clone()).map_err(|_| {
        ours(
            Phase::Tls,
            "the host is not a name that a certificate could cover",
        )
    })?;
    let done = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = done.map_err(|error| failure::of_handshake(&error))?;
    let session = stream.get_ref().1;
    let tls = session.protocol_version().map(|version| format!("{version:?}"));
    let alpn = session
        .alpn_protocol()
        .map(|protocol| String::from_utf8_lossy(protocol).into_owned());
    Ok(Dialled {
        stream: Box::new(stream),
        address: String::new(),
        dead: Vec::new(),
        tls,
        alpn,
        certificates: shown.certificates(),
    })
}

/// Microseconds since then.
pub(crate) fn micros(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    fn soon() -> Until {
        Until {
            at: tokio::time::Instant::now() + Duration::from_secs(5),
            of_run: false,
        }
    }

    /// An address at which nothing listens: its listener is gone.
    async fn vacant() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
    }

    #[tokio::test]
    async fn the_second_address_is_tried_when_the_first_refuses() {
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = [vacant().await, open.local_addr().unwrap()];
        let (_, reached, dead) = connect(&addresses, soon()).await.unwrap();
        assert_eq!(reached, addresses[1]);
        assert!(
            dead.len() == 1 && dead[0].starts_with(&addresses[0].to_string()),
            "{dead:?}"
        );
    }

    #[tokio::test]
    async fn when_every_address_refuses_the_last_refusal_is_told() {
        let addresses = [vacant().await, vacant().await];
        let error = connect(&addresses, soon()).await.unwrap_err();
        assert_eq!((error.phase, error.fault), (Phase::Connect, WireFault::Refused));
        assert!(
            error.detail.starts_with(&addresses[1].to_string()),
            "{}",
            error.detail
        );
    }

    #[tokio::test]
    async fn a_name_is_resolved_and_a_name_of_nobody_is_not() {
        let mut phases = Phases::default();
        let dialler = Dialler::default();
        let peer = Peer {
            host: "no-such-host.invalid".into(),
            port: 1,
            tls: false,
            to: None,
        };
        let undialled = dialler
            .dial(&peer, Offer::Http1, soon(), &mut phases)
            .await
            .err()
            .unwrap();
        assert_eq!(undialled.error.fault, WireFault::NoAddress);
        assert!(phases.dns.is_some() && phases.connect.is_none());
    }
}
