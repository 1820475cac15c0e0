//! Asking each resolver by itself for the addresses of a name. The machine's own way from a name to addresses asks one of
//! them, keeps what it heard, and tells nobody which it was: whether the others agree is not to be had from it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use hickory_net::NetError;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::tcp::TcpClientStream;
use hickory_net::udp::UdpClientStream;
use hickory_net::xfer::DnsHandle;
use hickory_proto::op::{DnsRequestOptions, DnsResponse, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::time::timeout;

use crate::model::names::{self, Lookup, Said, Whose};
use crate::transport::dial::MOST_ADDRESSES;

/// Whoever has not answered within this is taken for silent. All are asked at once, so it is the longest that asking takes.
const WITHIN: Duration = Duration::from_secs(2);
/// The port of DNS, which is not shown.
const PORT: u16 = 53;

/// A resolver that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolver {
    /// Where it listens.
    pub at: SocketAddr,
    /// Whose it is.
    pub whose: Whose,
}

/// What the machine itself and each of these resolvers say of a name, all asked at once.
pub async fn ask(host: &str, resolvers: &[Resolver]) -> Vec<Lookup> {
    let each = join_all(resolvers.iter().map(|resolver| one(host, *resolver)));
    let (own, each) = tokio::join!(own(host), each);
    std::iter::once(own).chain(each).collect()
}

/// What the machine's own way says: that by which the run dials.
async fn own(host: &str) -> Lookup {
    let begun = Instant::now();
    let said = match timeout(WITHIN, tokio::net::lookup_host((host, 0))).await {
        Err(_) => Said::Silence,
        Ok(Ok(found)) => {
            let found: BTreeSet<IpAddr> = found.take(MOST_ADDRESSES).map(|address| address.ip()).collect();
            of_addresses(found, None)
        }
        Ok(Err(error)) if could_not_ask(&error.to_string()) => Said::Unreachable,
        Ok(Err(_)) => Said::NoSuchName,
    };
    lookup("this machine".to_owned(), Whose::Machine, said, begun)
}

/// Whether the system says that no resolver of its own could be asked, or that none could find out.
fn could_not_ask(detail: &str) -> bool {
    detail
        .to_ascii_lowercase()
        .contains("temporary failure in name resolution")
}

async fn one(host: &str, resolver: Resolver) -> Lookup {
    let begun = Instant::now();
    let said = match Name::from_ascii(format!("{}.", host.trim_end_matches('.'))) {
        // No resolver can be asked for what is no name, and nobody can have it.
        Err(_) => Said::NoSuchName,
        Ok(name) => {
            let asked = timeout(WITHIN, both(&name, resolver.at));
            asked.await.unwrap_or(Said::Silence)
        }
    };
    let shown = match resolver.at.port() {
        PORT => resolver.at.ip().to_string(),
        _ => resolver.at.to_string(),
    };
    lookup(shown, resolver.whose, said, begun)
}

fn lookup(resolver: String, whose: Whose, said: Said, begun: Instant) -> Lookup {
    Lookup {
        resolver,
        whose,
        said,
        took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// Its IPv4 and IPv6 addresses. A resolver that fails at the name is asked for the root as well, which every able one knows.
async fn both(name: &Name, at: SocketAddr) -> Said {
    let asked = |kind| query(name.clone(), kind, at);
    let (four, six) = tokio::join!(asked(RecordType::A), asked(RecordType::AAAA));
    let said = together(four, six);
    if said != (Said::Failure { able: false }) {
        return said;
    }
    let root = query(Name::root(), RecordType::NS, at).await;
    let able = root.is_ok_and(|root| root.response_code == ResponseCode::NoError && !root.answers.is_empty());
    Said::Failure { able }
}

/// What two answers say together: addresses if either has some, and else whatever tells most.
fn together(four: Result<DnsResponse, NetError>, six: Result<DnsResponse, NetError>) -> Said {
    let (mut addresses, mut ttl) = (BTreeSet::new(), None::<u32>);
    let mut said: Vec<Said> = Vec::new();
    for answer in [four, six] {
        match answer {
            Err(error) => said.push(of_failure(&error)),
            Ok(answer) => {
                said.push(of_code(answer.response_code));
                for record in &answer.answers {
                    let address = match &record.data {
                        RData::A(address) => IpAddr::V4(address.0),
                        RData::AAAA(address) => IpAddr::V6(address.0),
                        _ => continue,
                    };
                    ttl = Some(ttl.map_or(record.ttl, |known| known.min(record.ttl)));
                    if addresses.len() < names::MOST_ADDRESSES {
                        addresses.insert(address);
                    }
                }
            }
        }
    }
    if !addresses.is_empty() {
        return of_addresses(addresses, ttl);
    }
    let telling = [
        Said::NoSuchName,
        Said::Failure { able: false },
        Said::Refused,
        Said::Garbled,
        Said::Silence,
        Said::Unreachable,
    ];
    let mut telling = telling.into_iter();
    telling.find(|one| said.contains(one)).unwrap_or(Said::NoAddress)
}

fn of_addresses(addresses: BTreeSet<IpAddr>, ttl: Option<u32>) -> Said {
    if addresses.is_empty() {
        return Said::NoAddress;
    }
    Said::Addresses {
        addresses: addresses.into_iter().collect(),
        ttl,
    }
}

fn of_code(code: ResponseCode) -> Said {
    match code {
        ResponseCode::NoError => Said::NoAddress,
        ResponseCode::NXDomain => Said::NoSuchName,
        ResponseCode::ServFail => Said::Failure { able: false },
        ResponseCode::Refused => Said::Refused,
        _ => Said::Garbled,
    }
}

fn of_failure(error: &NetError) -> Said {
    match error {
        NetError::Timeout | NetError::Busy | NetError::NoConnections => Said::Silence,
        NetError::Io(io) if io.kind() == ErrorKind::TimedOut => Said::Silence,
        NetError::Io(_) => Said::Unreachable,
        _ => Said::Garbled,
    }
}

/// One question over UDP, and over TCP where the answer did not fit (RFC 7766 §5).
async fn query(name: Name, kind: RecordType, at: SocketAddr) -> Result<DnsResponse, NetError> {
    let provider = TokioRuntimeProvider::new();
    let question = Query::query(name, kind);
    let datagrams = UdpClientStream::builder(at, provider.clone())
        .with_timeout(Some(WITHIN))
        .with_os_port_selection(true)
        .exchange();
    let mut short = datagrams.lookup(question.clone(), DnsRequestOptions::default());
    let short = short.next().await.unwrap_or(Err(NetError::Timeout))?;
    if !short.truncation {
        return Ok(short);
    }
    let stream = TcpClientStream::exchange(at, None, WITHIN, None, provider).await?;
    let mut whole = stream.lookup(question, DnsRequestOptions::default());
    whole.next().await.unwrap_or(Err(NetError::Timeout))
}
