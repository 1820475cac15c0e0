//! Opening a connection: name, TCP, TLS, each timed, each failing under its own name.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::model::exchange::{Phase, Phases, WireError, WireFault};
use crate::model::recording::Certificate;
use crate::transport::tls::TlsSetup;

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

/// An open connection.
pub struct Dialled {
    /// The stream.
    pub stream: Box<dyn Stream>,
    /// The address at the other end.
    pub address: SocketAddr,
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
    /// The chain as shown, when the handshake came that far.
    pub certificates: Vec<Certificate>,
}

impl From<WireError> for Undialled {
    fn from(error: WireError) -> Self {
        Undialled {
            error,
            certificates: Vec::new(),
        }
    }
}

/// Opens a connection. The caller sets the deadline; `phases` says how far it came when that passes.
pub async fn dial(
    peer: &Peer,
    pins: &BTreeMap<String, IpAddr>,
    tls: Option<&TlsSetup>,
    http2: bool,
    phases: &mut Phases,
) -> Result<Dialled, Undialled> {
    let addresses = resolve(peer, pins, phases).await?;
    let (stream, address) = connect(&addresses, phases).await?;
    if !peer.tls {
        let stream = Box::new(stream);
        return Ok(Dialled {
            stream,
            address,
            tls: None,
            alpn: None,
            certificates: vec![],
        });
    }
    let setup = tls.ok_or_else(|| ours(Phase::Tls, "TLS was not set up"))?;
    handshake(setup, peer, stream, address, http2, phases).await
}

/// The peer's addresses: the pinned one, the literal one, or what the system's resolver says.
async fn resolve(
    peer: &Peer,
    pins: &BTreeMap<String, IpAddr>,
    phases: &mut Phases,
) -> Result<Vec<SocketAddr>, WireError> {
    let known = peer
        .to
        .or_else(|| peer.host.parse().ok())
        .or_else(|| pins.get(&peer.host).copied());
    if let Some(address) = known {
        return Ok(vec![SocketAddr::new(address, peer.port)]);
    }
    let begun = Instant::now();
    let found = tokio::net::lookup_host((peer.host.as_str(), peer.port)).await;
    phases.dns = Some(micros(begun));
    let no_address = |detail: String| WireError {
        phase: Phase::Resolve,
        fault: WireFault::NoAddress,
        detail,
    };
    let addresses: Vec<_> = found
        .map_err(|error| no_address(error.to_string()))?
        .take(8)
        .collect();
    if addresses.is_empty() {
        return Err(no_address(format!("{} has no address", peer.host)));
    }
    Ok(addresses)
}

/// The first address that accepts a connection, in the resolver's order.
async fn connect(
    addresses: &[SocketAddr],
    phases: &mut Phases,
) -> Result<(TcpStream, SocketAddr), WireError> {
    let begun = Instant::now();
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                phases.connect = Some(micros(begun));
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Err(error) => last = Some(connect_error(*address, &error)),
        }
    }
    phases.connect = Some(micros(begun));
    Err(last.unwrap_or_else(|| ours(Phase::Connect, "there was no address to dial")))
}

fn connect_error(address: SocketAddr, error: &std::io::Error) -> WireError {
    use std::io::ErrorKind;
    let fault = match error.kind() {
        ErrorKind::ConnectionRefused => WireFault::Refused,
        ErrorKind::TimedOut => WireFault::TimedOut,
        ErrorKind::ConnectionReset => WireFault::Reset,
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => WireFault::Unreachable,
        _ => WireFault::Ours,
    };
    WireError {
        phase: Phase::Connect,
        fault,
        detail: format!("{address}: {error}"),
    }
}

async fn handshake(
    setup: &TlsSetup,
    peer: &Peer,
    stream: TcpStream,
    address: SocketAddr,
    http2: bool,
    phases: &mut Phases,
) -> Result<Dialled, Undialled> {
    let (config, shown) = setup
        .handshake(http2)
        .map_err(|error| ours(Phase::Tls, &error.to_string()))?;
    let name = ServerName::try_from(peer.host.clone()).map_err(|_| {
        ours(
            Phase::Tls,
            "the host is not a name that a certificate could cover",
        )
    })?;
    let begun = Instant::now();
    let done = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    phases.tls = Some(micros(begun));
    let stream = done.map_err(|error| Undialled {
        error: WireError {
            phase: Phase::Tls,
            fault: WireFault::Tls,
            detail: error.to_string(),
        },
        certificates: shown.certificates(),
    })?;
    let session = stream.get_ref().1;
    let tls = session.protocol_version().map(|version| format!("{version:?}"));
    let alpn = session
        .alpn_protocol()
        .map(|protocol| String::from_utf8_lossy(protocol).into_owned());
    let certificates = shown.certificates();
    Ok(Dialled {
        stream: Box::new(stream),
        address,
        tls,
        alpn,
        certificates,
    })
}

fn ours(phase: Phase, detail: &str) -> WireError {
    WireError {
        phase,
        fault: WireFault::Ours,
        detail: detail.to_owned(),
    }
}

/// Microseconds since then.
pub(crate) fn micros(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}
