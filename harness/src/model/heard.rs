//! What comes back on a connection whose bytes no library wrote ([`crate::model::probe::Raw`]): it need not be one answer to
//! one request, and often it is right that nothing comes at all.

use serde::{Deserialize, Serialize};

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Heard {
    /// Answers in HTTP/1: their status codes in the order of arrival, interim ones left out. No more than two are read.
    Answers(Vec<u16>),
    /// A ServerHello (RFC 5246 §7.4.1.3): the server chose this version of the protocol, as it goes on the wire (0x0301 for
    /// TLS 1.0), and would go on.
    Hello(u16),
    /// A TLS alert (RFC 5246 §7.2): its number.
    Alert(u8),
    /// The connection was closed or reset, and nothing had come.
    Closed,
    /// Nothing came before the deadline.
    Silence,
    /// Something else.
    Else,
}

impl Heard {
    /// What came back, as the end of a sentence.
    pub fn words(&self) -> String {
        match self {
            Heard::Answers(statuses) => {
                let statuses: Vec<String> = statuses.iter().map(|status| format!("HTTP {status}")).collect();
                statuses.join(", then ")
            }
            Heard::Hello(version) => format!("a ServerHello that chooses {}", protocol(*version)),
            Heard::Alert(number) => format!("a TLS alert ({number})"),
            Heard::Closed => "the connection closed without a word".to_owned(),
            Heard::Silence => "nothing within the deadline".to_owned(),
            Heard::Else => "neither HTTP nor TLS".to_owned(),
        }
    }
}

/// What people call a version of the protocol.
pub fn protocol(version: u16) -> String {
    match version {
        0x0300 => "SSL 3.0".to_owned(),
        0x0301 => "TLS 1.0".to_owned(),
        0x0302 => "TLS 1.1".to_owned(),
        0x0303 => "TLS 1.2".to_owned(),
        0x0304 => "TLS 1.3".to_owned(),
        other => format!("version {other:#06x}"),
    }
}
