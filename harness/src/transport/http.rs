//! One attempt at one probe, from dialling to the redacted capture.

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::model::exchange::{Outcome, Phase, Phases, Redacted, Sent, WireError};
use crate::model::probe::{Conn, Probe, Raw, SecretName, Who, Wire};
use crate::model::recording::Connection;
use crate::model::sealed::{Answer, Sealed};
use crate::model::target::{Scheme, Target};
use crate::transport::answer::Keeper;
use crate::transport::base::{peer, plain_base, without_tls};
use crate::transport::dial::{Dialled, Dialler, Offer, Peer, Until, micros};
use crate::transport::failure::{closed_while_idle, ours, stopped, timed_out};
use crate::transport::pool::{Idle, Key, Lane, Pool};
use crate::transport::proxy::{Proxies, ProxyError, Via};
use crate::transport::raw;
use crate::transport::redact::Redactor;
use crate::transport::request::{self, Filled, Filling, Unfillable};
use crate::transport::secret::{Secret, Vault};
use crate::transport::tls::{TlsSetup, TlsSetupError};
use crate::transport::wire::{Form, Sender};

/// An error's text is kept to this many characters.
const DETAIL: usize = 300;

/// What a transport is made of.
#[derive(Debug, Default)]
pub struct Settings {
    /// Credentials.
    pub vault: Vault,
    /// Samples by name.
    pub samples: BTreeMap<String, Bytes>,
    /// Addresses that the user set for names.
    pub pins: BTreeMap<String, Vec<IpAddr>>,
    /// PEM certificates to trust besides the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// The environment's proxies.
    pub proxies: Proxies,
}

/// Why there can be no transport for a target.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL is not one that HTTP can be spoken to.
    #[error("the base URL {0:?} is not http:// or https:// with a host")]
    Base(String),
    /// The base URL holds a user name or a password, which would stand in every report.
    #[error("the base URL holds a user name or password; give the credential as one, and the URL without it")]
    Userinfo,
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The proxy cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
}

/// What to attempt.
pub struct Order<'a> {
    /// The probe.
    pub probe: &'a Probe,
    /// Values captured from earlier steps.
    pub captures: &'a BTreeMap<(u8, String), String>,
    /// JSON Pointers (RFC 6901) of values in the answer that are credentials. They are known to the redactor from then on.
    pub hides: &'a [String],
    /// The request id to send.
    pub request_id: &'a str,
    /// How long the attempt may take, idling on a held connection apart.
    pub within: Duration,
    /// When the run ends, whatever the attempt may take.
    pub run_ends: Instant,
    /// Whether an open connection may carry it.
    pub reuse: bool,
    /// Turns true when the run is interrupted: the attempt then ends at once, as [`crate::model::exchange::WireFault::Stopped`].
    pub stop: watch::Receiver<bool>,
}

/// What an attempt saw.
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
    /// The answer before redaction, for values that later steps need. It is never kept, and so never printed.
    pub raw: Answer,
}

/// Sends probes to one target.
pub struct Transport {
    target: Target,
    peer: Peer,
    settings: Settings,
    /// What tells this run from every other.
    run: RandomState,
    dialler: Dialler,
    redactor: Redactor,
    keeper: Keeper,
    pool: Pool,
    connections: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({:?})", self.peer)
    }
}

impl Transport {
    /// A transport to this target. Nothing is sent yet.
    pub fn new(target: Target, mut settings: Settings) -> Result<Transport, SetupError> {
        let peer = peer(&target.base)?;
        let uri = target
            .base
            .parse()
            .map_err(|_| SetupError::Base(target.base.clone()))?;
        let tls = peer
            .tls
            .then(|| TlsSetup::load(settings.ca_pem.as_deref()))
            .transpose()?;
        let via = Via::of(&settings.proxies, &uri)?;
        let key_header = target.auth.as_ref().and_then(|auth| match &auth.scheme {
            Scheme::ApiKey { header } => Some(header.as_str()),
            Scheme::Bearer | Scheme::Basic => None,
        });
        let redactor = Redactor::new(settings.vault.values(), key_header);
        for secret in via.iter().flat_map(Via::secrets) {
            redactor.learn(secret);
        }
        let pins = std::mem::take(&mut settings.pins);
        Ok(Transport {
            keeper: Keeper::new(&target),
            target,
            peer,
            dialler: Dialler { pins, tls, via },
            redactor,
            settings,
            run: RandomState::new(),
            pool: Pool::default(),
            connections: Mutex::default(),
        })
    }

    /// The credential of a probe that is not at hand, or not with what it takes to spoil it so.
    pub fn lacks<'p>(&self, probe: &'p Probe) -> Option<&'p Who> {
        let vault = &self.settings.vault;
        probe.credentials().find(|who| !vault.holds(who))
    }

    /// A text of somebody else without the secrets of the run.
    pub fn redact(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    /// Hides a value that the run does not send, and that the service might show.
    pub fn hide(&self, secret: &Secret) {
        self.redactor.learn(secret.expose());
    }

    /// Holds a value that the run has come to know, as a credential of this name, and hides it from then on.
    pub fn hold(&self, name: SecretName, value: &Sealed<String>) {
        let secret = Secret::exactly(value.open());
        self.redactor.learn(secret.expose());
        self.settings.vault.learn(name, secret);
    }

    /// What hides values, for what was kept before they were known.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The connections so far, by number.
    pub fn connections(&self) -> Vec<Connection> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The addresses that the target's name has now; none when there is no choice: a proxy dials, or the name does not
    /// resolve, or it is this very machine, whose name has addresses that nobody need listen on.
    pub async fn addresses(&self) -> Vec<IpAddr> {
        self.dialler.addresses(&self.peer).await
    }

    /// The name that dialling looks up, where it does: to an address, a pinned name, this very machine and a proxy it need not.
    pub fn looks_up(&self) -> Option<&str> {
        let host = self.peer.host.as_str();
        self.dialler.looks_up(host).then_some(host)
    }

    /// How many bytes a probe's body has; the whole request, when it is written by hand, under this request id. What an
    /// earlier answer will fill in is not known yet, and such a body weighs nothing.
    pub fn weight(&self, probe: &Probe, request_id: &str) -> u64 {
        let filling = Filling {
            base: &self.target.base,
            vault: &self.settings.vault,
            samples: &self.settings.samples,
            run: &self.run,
            captures: &BTreeMap::new(),
            request_id,
        };
        let Wire::Raw(raw) = probe.wire else {
            return request::weight(&probe.body, &filling);
        };
        let filled = request::fill(probe, &filling, &self.redactor);
        filled.map_or(0, |filled| {
            raw::bytes(raw, &filled.request, &self.peer.host).len() as u64
        })
    }

    /// Attempts a probe once.
    pub async fn attempt(&self, order: Order<'_>) -> Result<Attempt, Unfillable> {
        let base = match order.probe.wire {
            Wire::Plain => plain_base(self.target.base_of(order.probe), &self.peer),
            Wire::Auto | Wire::Http1 | Wire::Raw(_) => self.target.base_of(order.probe).to_owned(),
        };
        let filling = Filling {
            base: &base,
            vault: &self.settings.vault,
            samples: &self.settings.samples,
            run: &self.run,
            captures: order.captures,
            request_id: order.request_id,
        };
        let filled = request::fill(order.probe, &filling, &self.redactor)?;
        let mut attempt = Attempt {
            at: Timestamp::now(),
            conn: None,
            sent: None,
            reply: Outcome::Failed(stopped(Phase::Connect)),
            phases: Phases::default(),
            redacted: Vec::new(),
            raw: Answer::default(),
        };
        let mut stop = order.stop.clone();
        let carried = tokio::select! {
            biased;
            () = interrupted(&mut stop) => None,
            carried = self.carry(filled, &order, &mut attempt) => Some(carried),
        };
        match carried {
            Some(Ok(())) => {}
            Some(Err(error)) => attempt.reply = Outcome::Failed(self.told(error)),
            None if attempt.sent.is_some() => attempt.reply = Outcome::Failed(stopped(Phase::Wait)),
            None => {}
        }
        Ok(attempt)
    }

    fn told(&self, mut error: WireError) -> WireError {
        error.detail = self.redactor.text(&error.detail).chars().take(DETAIL).collect();
        error
    }

    /// Sends the request on the connection that the probe asks for.
    async fn carry(&self, filled: Filled, order: &Order<'_>, attempt: &mut Attempt) -> Result<(), WireError> {
        let peer = Peer {
            to: order.probe.to,
            ..match order.probe.wire {
                Wire::Plain => without_tls(&self.peer),
                Wire::Auto | Wire::Http1 | Wire::Raw(_) => self.peer.clone(),
            }
        };
        let key = (peer, order.probe.wire);
        if let Wire::Raw(raw) = order.probe.wire {
            return self.carry_raw(raw, filled, &key, order, attempt).await;
        }
        if let Conn::Hold { lane, idle } = order.probe.conn {
            return self.carry_held(lane, idle, filled, &key, order, attempt).await;
        }
        let until = until(order);
        let poolable = order.probe.conn == Conn::Pooled;
        let pooled = (poolable && order.reuse).then(|| self.pool.take(&key)).flatten();
        let (mut idle, reused) = match pooled {
            Some(idle) if idle.sender.is_closed() => return Err(gone(idle.conn, attempt)),
            Some(idle) => (idle, true),
            None => (self.open(&key, until, attempt).await?, false),
        };
        self.exchange(&mut idle, reused, filled, until, order, attempt)
            .await?;
        if poolable && idle.sender.settles().await {
            self.pool.put(key, idle);
        }
        Ok(())
    }

    /// Writes bytes by hand in place of the request, and listens to what comes back.
    async fn carry_raw(
        &self,
        raw: Raw,
        filled: Filled,
        key: &Key,
        order: &Order<'_>,
        attempt: &mut Attempt,
    ) -> Result<(), WireError> {
        let (peer, _) = key;
        if self.dialler.is_forwarded(peer) {
            return Err(ours(
                Phase::Connect,
                "a proxy would read what is meant for the server",
            ));
        }
        let until = until(order);
        let (mut dialled, conn) = self.dial(key, until, attempt).await?;
        attempt.conn = Some(conn);
        let bytes = raw::bytes(raw, &filled.request, &peer.host);
        attempt.sent = Some(Sent {
            body_length: bytes.len() as u64,
            ..filled.sent
        });
        attempt.redacted = filled.redacted;
        let begun = std::time::Instant::now();
        let heard = raw::talk(&mut dialled.stream, raw, &bytes, until.at).await;
        attempt.phases.wait = Some(micros(begun));
        attempt.reply = Outcome::Heard(heard);
        Ok(())
    }

    /// The same on a connection that probes name: opened once, and from then on this very one or an error.
    async fn carry_held(
        &self,
        lane: u8,
        idle: u32,
        filled: Filled,
        key: &Key,
        order: &Order<'_>,
        attempt: &mut Attempt,
    ) -> Result<(), WireError> {
        let lane = self.pool.lane(lane, key.clone());
        let locked = timeout_at(order.run_ends, lane.lock()).await;
        let mut lane = locked.map_err(|_| timed_out(Phase::Connect, true))?;
        let (mut held, reused) = match std::mem::take(&mut *lane) {
            Lane::Unopened => (self.open(key, until(order), attempt).await?, false),
            Lane::Open(held) => (held, true),
            Lane::Gone(conn) => {
                *lane = Lane::Gone(conn);
                return Err(gone(conn, attempt));
            }
        };
        *lane = Lane::Gone(held.conn);
        if reused {
            rest(idle, order, attempt).await?;
        }
        if held.sender.is_closed() {
            return Err(gone(held.conn, attempt));
        }
        self.exchange(&mut held, reused, filled, until(order), order, attempt)
            .await?;
        if held.sender.settles().await {
            *lane = Lane::Open(held);
        }
        Ok(())
    }

    /// Sends, waits and reads.
    async fn exchange(
        &self,
        idle: &mut Idle,
        reused: bool,
        filled: Filled,
        until: Until,
        order: &Order<'_>,
        attempt: &mut Attempt,
    ) -> Result<(), WireError> {
        attempt.conn = Some(idle.conn);
        attempt.sent = Some(filled.sent);
        attempt.redacted = filled.redacted;
        let begun = std::time::Instant::now();
        let answered = timeout_at(until.at, idle.sender.send(filled.request, reused)).await;
        attempt.phases.wait = Some(micros(begun));
        let response = answered.map_err(|_| timed_out(Phase::Wait, until.of_run))??;
        let begun = std::time::Instant::now();
        let kept = self
            .keeper
            .keep(response, order.probe, order.hides, &self.redactor, until.at)
            .await;
        attempt.phases.transfer = Some(micros(begun));
        attempt.redacted.extend(kept.redacted);
        attempt.raw = kept.raw;
        attempt.reply = Outcome::Answered(kept.reply);
        Ok(())
    }

    /// Dials and notes the connection; a certificate is noted even when it was not accepted.
    async fn dial(
        &self,
        (peer, wire): &Key,
        until: Until,
        attempt: &mut Attempt,
    ) -> Result<(Dialled, u32), WireError> {
        let offer = match wire {
            Wire::Auto => Offer::Http2,
            Wire::Raw(Raw::OldTls) => Offer::Nothing,
            Wire::Http1 | Wire::Plain | Wire::Raw(_) => Offer::Http1,
        };
        let dialled = self.dialler.dial(peer, offer, until, &mut attempt.phases).await;
        let dialled = match dialled {
            Ok(dialled) => dialled,
            Err(undialled) => {
                if let Some(address) = undialled.address {
                    attempt.conn = Some(self.note(Connection {
                        id: 0,
                        address,
                        dead: Vec::new(),
                        tls: None,
                        alpn: None,
                        certificates: undialled.certificates,
                    }));
                }
                return Err(undialled.error);
            }
        };
        let conn = self.note(Connection {
            id: 0,
            address: dialled.address.clone(),
            dead: dialled.dead.clone(),
            tls: dialled.tls.clone(),
            alpn: dialled.alpn.clone(),
            certificates: dialled.certificates.clone(),
        });
        attempt.conn = Some(conn);
        Ok((dialled, conn))
    }

    /// Opens a connection for HTTP.
    async fn open(&self, key: &Key, until: Until, attempt: &mut Attempt) -> Result<Idle, WireError> {
        let (dialled, conn) = self.dial(key, until, attempt).await?;
        let (peer, _) = key;
        let alpn = dialled.alpn;
        let form = match &self.dialler.via {
            Some(via) if self.dialler.is_forwarded(peer) => Form::Absolute(via.credential.clone()),
            _ => Form::Origin,
        };
        let started = timeout_at(until.at, Sender::start(dialled.stream, alpn.as_deref(), form)).await;
        let sender = started.map_err(|_| timed_out(Phase::Connect, until.of_run))??;
        Ok(Idle { sender, conn })
    }

    fn note(&self, mut connection: Connection) -> u32 {
        for certificate in &mut connection.certificates {
            let own = [&mut certificate.subject, &mut certificate.issuer];
            for text in own.into_iter().chain(&mut certificate.names) {
                *text = self.redactor.said(text);
            }
        }
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let id = u32::try_from(connections.len()).unwrap_or(u32::MAX);
        connections.push(Connection { id, ..connection });
        id
    }
}

/// When an attempt that begins now must be over.
fn until(order: &Order<'_>) -> Until {
    let own = Instant::now() + order.within;
    Until {
        at: own.min(order.run_ends),
        of_run: order.run_ends < own,
    }
}

/// Leaves a held connection without traffic for so many milliseconds. The attempt begins after that.
async fn rest(idle: u32, order: &Order<'_>, attempt: &mut Attempt) -> Result<(), WireError> {
    let rested = Instant::now() + Duration::from_millis(idle.into());
    sleep_until(rested.min(order.run_ends)).await;
    attempt.at = Timestamp::now();
    if rested > order.run_ends {
        return Err(timed_out(Phase::Connect, true));
    }
    Ok(())
}

async fn interrupted(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The connection that was to carry the request is closed, and nothing was sent.
fn gone(conn: u32, attempt: &mut Attempt) -> WireError {
    attempt.conn = Some(conn);
    closed_while_idle()
}
