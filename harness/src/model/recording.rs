//! The one artifact of a run. Report, replay, bundle and baseline are projections of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::exchange::Exchange;
use crate::model::exported::Exported;
use crate::model::journey::Journey;
use crate::model::names::Lookup;
use crate::model::page::SeenPage;
use crate::model::refusal::Refusal;
use crate::model::rollout::Rollout;
use crate::model::spawned::Spawned;
use crate::model::target::Target;

/// The schema that this build writes. It only grows.
pub const SCHEMA: &str = "greenlight.recording/1";

/// Which build of the harness made a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tool {
    /// Always `greenlight`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This build.
    pub fn this() -> Tool {
        Tool {
            name: "greenlight".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

/// A contract as it was given before the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContractText {
    /// Where it came from, for people.
    pub source: String,
    /// The document.
    pub text: String,
}

/// A certificate that a server showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Certificate {
    /// Whom it names.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// DNS names and addresses that it covers.
    pub names: Vec<String>,
    /// Valid from, in seconds since 1970.
    pub not_before: i64,
    /// Valid until, in seconds since 1970.
    pub not_after: i64,
}

/// A connection that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Connection {
    /// Its number.
    pub id: u32,
    /// The address at the other end.
    pub address: String,
    /// Addresses of the same name that were tried before this one, and at which nothing accepted the connection: each with
    /// what happened. One that the checker has no route to is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dead: Vec<String>,
    /// The TLS version, when there is TLS.
    pub tls: Option<String>,
    /// The protocol that ALPN settled on.
    pub alpn: Option<String>,
    /// The chain as shown, leaf first.
    pub certificates: Vec<Certificate>,
}

/// Everything that a run asked, sent and saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Recording {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build that wrote it.
    pub tool: Tool,
    /// What was under test.
    pub target: Target,
    /// The pinned contract, when there was one.
    pub contract: Option<ContractText>,
    /// The suites that were selected; empty means all.
    pub suites: Vec<String>,
    /// The seed of the ids that requests were sent under.
    pub seed: u64,
    /// When the run began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub started_at: Timestamp,
    /// When it ended.
    #[cfg_attr(test, schemars(with = "String"))]
    pub ended_at: Timestamp,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
    /// Whether minor failures count as degraded.
    pub strict: bool,
    /// Proofs that the user goes without, by id.
    pub accept_unproven: Vec<String>,
    /// Connections, by number.
    pub connections: Vec<Connection>,
    /// Exchanges, by id and attempt.
    pub exchanges: Vec<Exchange>,
    /// What was asked and not sent.
    pub refused: Vec<Refusal>,
    /// The service itself, when this run started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spawned: Option<Spawned>,
    /// The command that asked for a diagnosis, when this is one: what the next one repeats. Only the checks of a diagnosis
    /// were asked then, and what is not wrong is "not reproduced" rather than good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<String>,
    /// What waiting for the deploy saw, when the run waited first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// What a browser's developer tools exported, when the exchanges are a browser's own and nothing was sent. Then the checks
    /// are those that hold for any exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Exported>,
    /// What each resolver says of the target's name, the machine's own way first, when a diagnosis asked them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Lookup>,
    /// Web pages of clients that were read: what they let their scripts call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<SeenPage>,
    /// What became of the workflows of a scenario, in the order of its documents, when this is a run of one. Then what is judged
    /// are those, and every exchange by the rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journeys: Vec<Journey>,
}

impl Recording {
    /// What was seen of a target by a run that began and ended then, of every suite, and of which nothing else is known.
    pub fn of(target: Target, exchanges: Vec<Exchange>, at: Timestamp) -> Recording {
        Recording {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            target,
            contract: None,
            suites: Vec::new(),
            seed: 0,
            started_at: at,
            ended_at: at,
            interrupted: false,
            strict: false,
            accept_unproven: Vec::new(),
            connections: Vec::new(),
            exchanges,
            refused: Vec::new(),
            spawned: None,
            diagnosis: None,
            rollout: None,
            browser: None,
            names: Vec::new(),
            pages: Vec::new(),
            journeys: Vec::new(),
        }
    }
}
