//! One attempt at one probe, from dialling to the redacted capture.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use hyper::body::Incoming;
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::model::capture::{Captured, Octets};
use crate::model::exchange::{Outcome, Phase, Phases, Place, Redacted, Reply, Sent, WireError, WireFault};
use crate::model::probe::{Conn, Mutation, Probe, Wire};
use crate::model::recording::Connection;
use crate::model::target::{Environment, Scheme, Target};
use crate::transport::body::{self, Limits};
use crate::transport::dial::{self, Peer, Undialled, micros};
use crate::transport::redact::Redactor;
use crate::transport::request::{self, Filled, Filling, Unfillable};
use crate::transport::secret::Vault;
use crate::transport::skeleton::Skeleton;
use crate::transport::tls::{TlsSetup, TlsSetupError};
use crate::transport::wire::Sender;

/// What a transport is made of.
#[derive(Debug)]
pub struct Settings {
    /// Credentials.
    pub vault: Vault,
    /// Samples by name.
    pub samples: BTreeMap<String, Bytes>,
    /// The run's seed.
    pub seed: u64,
    /// Addresses that the user set for names.
    pub pins: BTreeMap<String, IpAddr>,
    /// PEM certificates to trust besides the system's.
    pub ca_pem: Option<Vec<u8>>,
}

/// Why there can be no transport for a target.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL is not one that HTTP can be spoken to.
    #[error("the base URL {0:?} is not http:// or https:// with a host")]
    Base(String),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
}

/// What to attempt.
#[derive(Debug)]
pub struct Order<'a> {
    /// The probe.
    pub probe: &'a Probe,
    /// Values captured from earlier steps.
    pub captures: &'a BTreeMap<(u8, String), String>,
    /// The request id to send.
    pub request_id: &'a str,
    /// How long the attempt may take.
    pub within: Duration,
    /// Whether an open connection may carry it.
    pub reuse: bool,
}

/// What an attempt saw.
#[derive(Debug)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The connection's number.
    pub conn: Option<u32>,
    /// The request as sent.
    pub sent: Option<Sent>,
    /// The answer, redacted, or why there is none.
    pub reply: Outcome,
    /// How long it took.
    pub phases: Phases,
    /// What was removed.
    pub redacted: Vec<Redacted>,
    /// The answer's body before redaction, for values that later steps need. It is never kept.
    pub raw: Bytes,
}

/// An open connection that waits for its next request.
#[derive(Debug)]
struct Idle {
    peer: Peer,
    sender: Sender,
    conn: u32,
}

/// Sends probes to one target.
#[derive(Debug)]
pub struct Transport {
    target: Target,
    peer: Peer,
    settings: Settings,
    tls: Option<TlsSetup>,
    redactor: Redactor,
    skeleton: Skeleton,
    pool: Mutex<HashMap<Peer, Vec<Idle>>>,
    lanes: Mutex<HashMap<u8, Idle>>,
    connections: Mutex<Vec<Connection>>,
}

impl Transport {
    /// A transport to this target. Nothing is sent yet.
    pub fn new(target: Target, settings: Settings) -> Result<Transport, SetupError> {
        let peer = peer(&target.base).ok_or_else(|| SetupError::Base(target.base.clone()))?;
        let tls = peer
            .tls
            .then(|| TlsSetup::load(settings.ca_pem.as_deref()))
            .transpose()?;
        let key_header = target.auth.as_ref().and_then(|auth| match &auth.scheme {
            Scheme::ApiKey { header } => Some(header.as_str()),
            Scheme::Bearer | Scheme::Basic => None,
        });
        let redactor = Redactor::new(settings.vault.values(), key_header);
        Ok(Transport {
            target,
            peer,
            tls,
            redactor,
            settings,
            skeleton: Skeleton::default(),
            pool: Mutex::default(),
            lanes: Mutex::default(),
            connections: Mutex::default(),
        })
    }

    /// Whether a credential is at hand.
    pub fn holds(&self, probe: &Probe) -> bool {
        probe
            .who
            .as_ref()
            .is_none_or(|who| self.settings.vault.holds(&who.secret))
    }

    /// The connections so far, by number.
    pub fn connections(&self) -> Vec<Connection> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Attempts a probe once.
    pub async fn attempt(&self, order: Order<'_>) -> Result<Attempt, Unfillable> {
        let filling = Filling {
            base: &self.target.base,
            vault: &self.settings.vault,
            samples: &self.settings.samples,
            seed: self.settings.seed,
            captures: order.captures,
            request_id: order.request_id,
        };
        let filled = request::fill(order.probe, &filling, &self.redactor)?;
        let mut attempt = Attempt {
            at: Timestamp::now(),
            conn: None,
            sent: None,
            reply: Outcome::Failed(stopped()),
            phases: Phases::default(),
            redacted: Vec::new(),
            raw: Bytes::new(),
        };
        if let Err(mut error) = self.carry(filled, &order, &mut attempt).await {
            error.detail = self.redactor.text(&error.detail).chars().take(300).collect();
            attempt.reply = Outcome::Failed(error);
        }
        Ok(attempt)
    }

    /// Finds or opens a connection, sends, waits, reads.
    async fn carry(&self, filled: Filled, order: &Order<'_>, attempt: &mut Attempt) -> Result<(), WireError> {
        let deadline = Instant::now() + order.within;
        let (mut idle, reused) = self.connection(order, deadline, &mut attempt.phases).await?;
        attempt.conn = Some(idle.conn);
        attempt.sent = Some(filled.sent);
        attempt.redacted = filled.redacted;
        let begun = std::time::Instant::now();
        let answered = timeout_at(deadline, idle.sender.send(filled.request, reused)).await;
        attempt.phases.wait = Some(micros(begun));
        let response = answered.map_err(|_| timed_out(Phase::Wait))??;
        self.read(response, order.probe, deadline, attempt).await;
        self.keep(idle, order.probe.conn);
        Ok(())
    }

    /// The connection that the probe asks for, and whether it carried an exchange before.
    async fn connection(
        &self,
        order: &Order<'_>,
        deadline: Instant,
        phases: &mut Phases,
    ) -> Result<(Idle, bool), WireError> {
        let peer = Peer {
            to: order.probe.to,
            ..self.peer.clone()
        };
        match order.probe.conn {
            Conn::Pooled if order.reuse => {
                while let Some(mut idle) = self.pooled(&peer) {
                    let ready = !idle.sender.is_closed()
                        && timeout_at(deadline, idle.sender.ready()).await == Ok(true);
                    if ready {
                        return Ok((idle, true));
                    }
                }
            }
            Conn::Hold { lane, idle } => {
                let held = self
                    .lanes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&lane);
                if let Some(held) = held {
                    tokio::time::sleep(Duration::from_millis(idle.into())).await;
                    return Ok((held, true));
                }
            }
            Conn::Pooled | Conn::Fresh => {}
        }
        self.open(&peer, order.probe.wire, deadline, phases)
            .await
            .map(|idle| (idle, false))
    }

    fn pooled(&self, peer: &Peer) -> Option<Idle> {
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(peer)?
            .pop()
    }

    /// Opens a connection and notes it.
    async fn open(
        &self,
        peer: &Peer,
        wire: Wire,
        deadline: Instant,
        phases: &mut Phases,
    ) -> Result<Idle, WireError> {
        let dialling = dial::dial(
            peer,
            &self.settings.pins,
            self.tls.as_ref(),
            wire == Wire::Auto,
            phases,
        );
        let dialled = match timeout_at(deadline, dialling).await {
            Ok(dialled) => dialled,
            Err(_) => return Err(timed_out(dialling_phase(peer, phases))),
        };
        let dialled = dialled.map_err(|Undialled { error, certificates }| {
            if !certificates.is_empty() {
                self.note(Connection {
                    id: 0,
                    address: peer.host.clone(),
                    tls: None,
                    alpn: None,
                    certificates,
                });
            }
            error
        })?;
        let alpn = dialled.alpn.clone();
        let conn = self.note(Connection {
            id: 0,
            address: dialled.address.to_string(),
            tls: dialled.tls,
            alpn: dialled.alpn,
            certificates: dialled.certificates,
        });
        let started = timeout_at(deadline, Sender::start(dialled.stream, alpn.as_deref())).await;
        let sender = started.map_err(|_| timed_out(Phase::Connect))??;
        Ok(Idle {
            peer: peer.clone(),
            sender,
            conn,
        })
    }

    fn note(&self, connection: Connection) -> u32 {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let id = u32::try_from(connections.len()).unwrap_or(u32::MAX);
        connections.push(Connection { id, ..connection });
        id
    }

    /// Puts a connection where the next probe finds it.
    fn keep(&self, idle: Idle, conn: Conn) {
        match conn {
            Conn::Fresh => {}
            Conn::Hold { lane, .. } => {
                self.lanes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(lane, idle);
            }
            Conn::Pooled => {
                let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
                pool.entry(idle.peer.clone()).or_default().push(idle);
            }
        }
    }

    /// Reads the answer's body and keeps what may be kept.
    async fn read(
        &self,
        response: Response<Incoming>,
        probe: &Probe,
        deadline: Instant,
        attempt: &mut Attempt,
    ) {
        let (head, incoming) = response.into_parts();
        let raw_headers: Vec<(Octets, Octets)> = head
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    Octets::from(name.as_str()),
                    Octets(Bytes::copy_from_slice(value.as_bytes())),
                )
            })
            .collect();
        let mut reply = Reply {
            status: head.status.as_u16(),
            headers: raw_headers,
            body: Captured::complete(Bytes::new()),
            version: format!("{:?}", head.version),
        };
        let begun = std::time::Instant::now();
        let captured = body::capture(incoming, &codings(&reply), self.limits(&reply), deadline).await;
        attempt.phases.transfer = Some(micros(begun));
        attempt.raw = captured.bytes.clone();
        reply.headers = self.kept_headers(&reply.headers, &mut attempt.redacted);
        reply.body = self.kept_body(captured, &reply, probe, &mut attempt.redacted);
        attempt.reply = Outcome::Answered(reply);
    }

    fn limits(&self, reply: &Reply) -> Limits {
        let keep = self.target.bounds.body_keep * if reply.is_json() { 8 } else { 1 };
        Limits {
            keep: usize::try_from(keep).unwrap_or(usize::MAX),
            read: self.target.bounds.body_read,
        }
    }

    fn kept_headers(&self, raw: &[(Octets, Octets)], redacted: &mut Vec<Redacted>) -> Vec<(Octets, Octets)> {
        raw.iter()
            .map(|(name, value)| {
                let kept = self.redactor.header(&name.text(), &value.0, false, redacted);
                (name.clone(), Octets(kept.into()))
            })
            .collect()
    }

    fn kept_body(
        &self,
        captured: Captured,
        reply: &Reply,
        probe: &Probe,
        redacted: &mut Vec<Redacted>,
    ) -> Captured {
        let mut kept = self.redactor.bytes(&captured.bytes, &Place::ReplyBody, redacted);
        if self.is_somebodys_data(reply, probe) {
            kept = self.skeleton.of(&kept, redacted);
        }
        Captured {
            bytes: kept.into(),
            ..captured
        }
    }

    /// Whether a success answer holds what its owner sees only with the credential, in production.
    fn is_somebodys_data(&self, reply: &Reply, probe: &Probe) -> bool {
        let accepted = |mutation| matches!(mutation, Mutation::AsIs | Mutation::LowerCaseScheme);
        self.target.environment == Environment::Production
            && !self.target.keep_bodies
            && (200..300).contains(&reply.status)
            && probe.who.as_ref().is_some_and(|who| accepted(who.mutation))
    }
}

/// The content codings of an answer, innermost first, `identity` left out.
fn codings(reply: &Reply) -> Vec<String> {
    reply
        .values("content-encoding")
        .flat_map(|value| {
            value
                .split(',')
                .map(|coding| coding.trim().to_ascii_lowercase())
                .collect::<Vec<_>>()
        })
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect()
}

/// The peer that a base URL names.
fn peer(base: &str) -> Option<Peer> {
    let url = Url::parse(base).ok()?;
    let tls = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let host = url
        .host_str()?
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    Some(Peer {
        host,
        port: url.port_or_known_default()?,
        tls,
        to: None,
    })
}

/// How far dialling came when the deadline passed.
fn dialling_phase(peer: &Peer, phases: &Phases) -> Phase {
    let named = peer.host.parse::<IpAddr>().is_err();
    match (phases.dns, phases.connect) {
        (None, None) if named => Phase::Resolve,
        (_, None) => Phase::Connect,
        (_, Some(_)) => Phase::Tls,
    }
}

fn timed_out(phase: Phase) -> WireError {
    WireError {
        phase,
        fault: WireFault::TimedOut,
        detail: "no answer within the deadline".into(),
    }
}

fn stopped() -> WireError {
    WireError {
        phase: Phase::Connect,
        fault: WireFault::Stopped,
        detail: "the attempt was stopped".into(),
    }
}
