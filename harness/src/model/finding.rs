//! What a check says of what it saw.

use serde::{Deserialize, Serialize};

use crate::model::exchange::Xid;

/// What became of a check or a run. Ordered: the worst decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Verdict {
    /// Seen, and good.
    Pass,
    /// Good on a later attempt only.
    Flaky,
    /// Works, worse than it should.
    Degraded,
    /// It could not be found out.
    Inconclusive,
    /// Wrong.
    Fail,
}

impl Verdict {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::Flaky => "FLAKY",
            Verdict::Degraded => "DEGRADED",
            Verdict::Inconclusive => "INCONCLUSIVE",
            Verdict::Fail => "FAIL",
        }
    }
}

/// How much a failure matters. Ordered from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Severity {
    /// Good to know. Never decides.
    Advisory,
    /// Worth mending. Shown, and never decides unless `--strict` makes it *degraded*.
    Minor,
    /// Some users or some calls are hurt. Fails the run.
    Major,
    /// The service does not do its job, or is open to strangers. Fails the run.
    Blocker,
}

impl Severity {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Advisory => "advisory",
            Severity::Minor => "minor",
            Severity::Major => "major",
            Severity::Blocker => "blocker",
        }
    }
}

/// The layer that a check looks at, from the wire up. Reports are ordered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Layer {
    /// Name, address, connection.
    Reach,
    /// TLS.
    Tls,
    /// HTTP itself.
    Http,
    /// Which build answers.
    Version,
    /// Health and readiness.
    Health,
    /// What a browser may do.
    Cors,
    /// Who may call.
    Auth,
    /// How it fails.
    Errors,
    /// What it promised.
    Contract,
    /// What it is for.
    Journey,
}

impl Layer {
    /// The heading that reports print.
    pub fn title(self) -> &'static str {
        match self {
            Layer::Reach => "Reach",
            Layer::Tls => "TLS",
            Layer::Http => "HTTP",
            Layer::Version => "Version",
            Layer::Health => "Health",
            Layer::Cors => "CORS",
            Layer::Auth => "Auth",
            Layer::Errors => "Errors",
            Layer::Contract => "Contract",
            Layer::Journey => "Journey",
        }
    }
}

/// One thing that a check or rule has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The check's id.
    pub check: String,
    /// What became of it.
    pub outcome: Verdict,
    /// How much it matters.
    pub severity: Severity,
    /// The layer.
    pub layer: Layer,
    /// What it is about: an operation, an origin, a route.
    pub subject: String,
    /// What is wrong, one plain sentence.
    pub title: String,
    /// What should have been.
    pub expected: String,
    /// What was.
    pub actual: String,
    /// What to do about it.
    pub hint: String,
    /// The exchanges that show it, in order.
    pub exchanges: Vec<Xid>,
    /// How often it was seen.
    pub count: u32,
    /// The cause that explains it, when a diagnosis does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained_by: Option<String>,
    /// How much it would matter, had not somebody answered for it. Then it is a remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Severity>,
    /// Where more is told of the check: the address of its page, else the command that prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// Whether it makes the run fail.
    pub fn fails(&self) -> bool {
        self.outcome == Verdict::Fail && self.severity >= Severity::Major
    }

    /// How findings are ordered: by layer, check and subject, never by arrival (law 8).
    pub fn order(&self) -> (Layer, &str, &str, &str) {
        (self.layer, &self.check, &self.subject, &self.actual)
    }
}
