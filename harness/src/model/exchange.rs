//! An exchange is one attempt at one probe: the request as it was sent, and what came back or why nothing did.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::capture::{Captured, Octets};
use crate::model::heard::Heard;
use crate::model::probe::Probe;

/// Names an exchange within a recording. Attempts at one probe share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Xid(pub u32);

impl std::fmt::Display for Xid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "x{}", self.0)
    }
}

/// The id of a check that asked for an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Asker(pub String);

/// Who asks for what only wakes the service. It is no check, and nobody judges it.
pub const WARM_UP: &str = "warm-up";

/// The request as it went out, secrets replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sent {
    /// The whole URL.
    pub url: String,
    /// The header field lines in the order of sending.
    pub headers: Vec<(Octets, Octets)>,
    /// How many body bytes the recipe makes.
    pub body_length: u64,
    /// What the credential said of itself, when it was a JWT.
    pub claims: Option<Claims>,
}

/// The facts that an unverified JWT states. Never the token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Claims {
    /// The header's `alg`.
    pub alg: Option<String>,
    /// `iss`.
    pub issuer: Option<String>,
    /// `aud`, several joined by a space.
    pub audience: Option<String>,
    /// `exp`, in seconds since 1970.
    pub expires: Option<i64>,
    /// `iat`, in seconds since 1970.
    pub issued: Option<i64>,
    /// The claim `type`, or the header's `typ`.
    pub kind: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header field lines in the order of arrival. Names are lower-case, as hyper gives them.
    pub headers: Vec<(Octets, Octets)>,
    /// The body.
    pub body: Captured,
    /// The HTTP version on the wire: `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`.
    pub version: String,
}

impl Reply {
    /// The first value of a header, as text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.values(name).next()
    }

    /// Every value of a header, as text.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        self.headers
            .iter()
            .filter(move |(key, _)| key.0.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.text())
    }

    /// The media type's essence, lower-case, without parameters (RFC 9110 §8.3.1).
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        let essence = value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    /// Whether the media type is JSON: `application/json` or any `+json`.
    pub fn is_json(&self) -> bool {
        self.media_type()
            .is_some_and(|t| t == "application/json" || t.ends_with("+json"))
    }
}

/// Where an attempt without an answer stopped, in the order of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Phase {
    /// Finding the name's addresses.
    Resolve,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request.
    Send,
    /// Waiting for the first byte of the answer.
    Wait,
    /// Reading the answer's head.
    Head,
}

/// What went wrong on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum WireFault {
    /// The name has no address.
    NoAddress,
    /// Nothing listens there.
    Refused,
    /// No route, or no network.
    Unreachable,
    /// No answer within the deadline.
    TimedOut,
    /// The certificate or the handshake was not accepted.
    Tls,
    /// The peer closed the connection without a byte of an answer.
    ClosedWithoutAnswer,
    /// The peer reset the connection.
    Reset,
    /// A connection that was open from an earlier exchange was closed before this request.
    ReusedClosed,
    /// What came is not HTTP.
    NotHttp,
    /// The answer's head is larger than we read.
    HeadTooLarge,
    /// The run was interrupted, or its own deadline came.
    Stopped,
    /// The checker itself could not do it.
    Ours,
}

/// Why an attempt has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WireError {
    /// How far it came.
    pub phase: Phase,
    /// What happened.
    pub fault: WireFault,
    /// The same in the words of the library that saw it, bounded and without secrets.
    pub detail: String,
}

/// How long each phase took, in microseconds. A phase that did not happen is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Phases {
    /// Finding the name's addresses.
    pub dns: Option<u64>,
    /// Opening the TCP connection.
    pub connect: Option<u64>,
    /// The TLS handshake.
    pub tls: Option<u64>,
    /// From the request's first byte to the answer's first.
    pub wait: Option<u64>,
    /// The answer's body.
    pub transfer: Option<u64>,
}

impl Phases {
    /// The whole attempt, in microseconds.
    pub fn total(&self) -> u64 {
        [self.dns, self.connect, self.tls, self.wait, self.transfer]
            .into_iter()
            .flatten()
            .fold(0, u64::saturating_add)
    }
}

/// Where a secret was found and replaced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Place {
    /// A header that we sent.
    SentHeader(String),
    /// A header of the answer.
    ReplyHeader(String),
    /// The answer's body.
    ReplyBody,
    /// The value at this JSON Pointer of the answer's body, kept as type and length only.
    ReplyValue(String),
    /// The URL.
    Url,
}

/// What kind of secret it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum SecretKind {
    /// A value that the run itself holds.
    Own,
    /// The value of a header that carries credentials by definition.
    CredentialHeader,
    /// Something shaped like a JWT.
    Jwt,
    /// Something shaped like a provider's API key.
    ApiKey,
    /// A URL with a password in it.
    UrlPassword,
    /// A private key in PEM.
    PrivateKey,
    /// Content of a success answer, kept as type and length because the target is production, or of an answer for which
    /// the run had no room.
    Content,
    /// An e-mail address in an answer that may be about somebody.
    Email,
}

impl SecretKind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            SecretKind::Own => "a credential of this run",
            SecretKind::CredentialHeader => "a credential header",
            SecretKind::Jwt => "a JWT",
            SecretKind::ApiKey => "an API key",
            SecretKind::UrlPassword => "a URL with a password",
            SecretKind::PrivateKey => "a private key",
            SecretKind::Content => "content",
            SecretKind::Email => "an e-mail address",
        }
    }
}

/// What was removed at capture. The fact stays, the value does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Redacted {
    /// Where.
    pub place: Place,
    /// What kind.
    pub kind: SecretKind,
    /// How long it was, in bytes.
    pub length: u32,
}

/// One attempt at one probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exchange {
    /// Its name. Attempts of one probe share it.
    pub id: Xid,
    /// The probe.
    pub probe: Arc<Probe>,
    /// The checks that asked for it, in order of their ids.
    pub askers: Vec<Asker>,
    /// The step within a sequence, from 0.
    pub step: u8,
    /// The copy within a burst, from 0.
    pub copy: u16,
    /// The attempt, from 1.
    pub attempt: u8,
    /// When it began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: Timestamp,
    /// The connection that carried it, by its number in the recording.
    pub conn: Option<u32>,
    /// The request as sent; absent when none was.
    pub sent: Option<Sent>,
    /// The answer, or why there is none.
    pub reply: Outcome,
    /// How long it took.
    pub phases: Phases,
    /// What was removed.
    pub redacted: Vec<Redacted>,
}

/// The answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Outcome {
    /// An answer.
    Answered(Reply),
    /// None.
    Failed(WireError),
    /// What came back on a connection whose bytes were written by hand, where neither an answer nor its absence is good or
    /// bad by itself.
    Heard(Heard),
}

impl Exchange {
    /// The answer, when there is one.
    pub fn answer(&self) -> Option<&Reply> {
        match &self.reply {
            Outcome::Answered(reply) => Some(reply),
            Outcome::Failed(_) | Outcome::Heard(_) => None,
        }
    }

    /// The wire's error, when there is one.
    pub fn failure(&self) -> Option<&WireError> {
        match &self.reply {
            Outcome::Answered(_) | Outcome::Heard(_) => None,
            Outcome::Failed(error) => Some(error),
        }
    }

    /// What was heard on a connection whose bytes were written by hand, when it is that.
    pub fn heard(&self) -> Option<&Heard> {
        match &self.reply {
            Outcome::Answered(_) | Outcome::Failed(_) => None,
            Outcome::Heard(heard) => Some(heard),
        }
    }

    /// The status, when there is an answer.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|reply| reply.status)
    }

    /// Whether it only woke the service, before anything was judged.
    pub fn woke(&self) -> bool {
        self.askers.iter().any(|asker| asker.0 == WARM_UP)
    }

    /// Whether the server answered with a 5xx.
    pub fn is_server_error(&self) -> bool {
        self.status().is_some_and(|status| (500..600).contains(&status))
    }
}
