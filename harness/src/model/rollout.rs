//! What waiting for a build saw: the phases of a rollout, the builds that answered, and what the samples prove.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::recording::Tool;

/// The schema of the JSON report of `wait`. It only grows.
pub const SCHEMA: &str = "greenlight.wait/1";

/// Where a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Stage {
    /// Nothing answered yet.
    Warming,
    /// Something answers, and never the expected build.
    Old,
    /// The expected build answers, and not only that.
    Mixed,
    /// Only the expected build answered lately; not yet often enough.
    New,
    /// The expected build is the only one, as far as the samples can tell.
    Settled,
}

impl Stage {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Warming => "warming",
            Stage::Old => "old",
            Stage::Mixed => "mixed",
            Stage::New => "new",
            Stage::Settled => "settled",
        }
    }
}

/// How waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Ended {
    /// The expected build is the only one that answers.
    Settled,
    /// The expected build never answered; another one did.
    NotDeployed,
    /// The expected build answers, and an older one as well.
    OldStillLive,
    /// The expected build answered, and a build that came after it took its place.
    Superseded,
    /// The expected build answers, and not every time.
    Unsteady,
    /// Nothing that answered says which build it is.
    NoneServed,
    /// Nothing answered at all.
    Unreachable,
    /// Somebody stopped it.
    Interrupted,
}

/// When a rollout came to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reached {
    /// The stage.
    pub stage: Stage,
    /// How long after waiting began, in milliseconds.
    pub after_ms: u64,
}

/// A build that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BuildSeen {
    /// How it names itself.
    pub build: String,
    /// Whether that is the expected one.
    pub expected: bool,
    /// In how many samples.
    pub samples: u32,
    /// In how many of the latest [`LATEST`] samples.
    pub lately: u32,
    /// First seen so long after waiting began, in milliseconds.
    pub first_ms: u64,
    /// Last seen so long after waiting began, in milliseconds.
    pub last_ms: u64,
}

/// So many of the latest samples say how things stand.
pub const LATEST: usize = 20;

/// One address of the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AddressSeen {
    /// The address.
    pub address: String,
    /// How often it was sampled.
    pub samples: u32,
    /// How often no good answer came from it.
    pub failures: u32,
}

/// Samples that were no good answer, by what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Miss {
    /// What happened, in plain words.
    pub what: String,
    /// How often.
    pub samples: u32,
    /// In how many of the latest [`LATEST`] samples.
    pub lately: u32,
}

/// All that waiting for a build saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rollout {
    /// The build that was waited for.
    pub expected: String,
    /// The request that was sampled.
    pub sampled: String,
    /// When waiting began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub begun_at: Timestamp,
    /// How it ended.
    pub ended: Ended,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The stages, in order of time.
    pub stages: Vec<Reached>,
    /// How many samples were taken, each on a new connection.
    pub samples: u32,
    /// How many of the last ones in a row were the expected build.
    pub streak: u32,
    /// How many in a row were wanted.
    pub needed: u32,
    /// The share of old instances, in percent, that the streak excludes with 95 %, when new connections are spread at
    /// random: a smaller share may have been missed.
    pub excluded_percent: u32,
    /// The builds, in order of their first answers.
    pub builds: Vec<BuildSeen>,
    /// The processes that named themselves.
    pub instances: Vec<String>,
    /// The addresses of the name.
    pub addresses: Vec<AddressSeen>,
    /// What was no good answer.
    pub misses: Vec<Miss>,
    /// Lines that would serve the build, and the framework they are for, when nothing says which build it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

impl Rollout {
    /// Whether the expected build had been seen by this time.
    pub fn seen_at(&self, time: Timestamp) -> bool {
        let first = self
            .builds
            .iter()
            .filter(|build| build.expected)
            .map(|build| build.first_ms);
        let after = u64::try_from(time.duration_since(self.begun_at).as_millis()).unwrap_or(0);
        first.min().is_some_and(|first| after >= first)
    }

    /// Whether the expected build is the only one that answers, as far as the samples can tell.
    pub fn is_settled(&self) -> bool {
        self.ended == Ended::Settled
    }
}

/// How a service would say which build it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Remedy {
    /// The framework that was recognised; `None` when none was.
    pub framework: Option<String>,
    /// The lines of code.
    pub lines: Vec<String>,
}

/// A finished wait, as `--format json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waited {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build of Greenlight that waited.
    pub tool: Tool,
    /// The base URL.
    pub base: String,
    /// What it means for the caller's shell: 0 settled, 5 not, 130 interrupted.
    pub exit_code: u8,
    /// How it ended, in plain words.
    pub headline: String,
    /// What was seen.
    #[serde(flatten)]
    pub rollout: Rollout,
}
