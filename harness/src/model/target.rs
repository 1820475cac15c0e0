//! What is under test, resolved and without a secret: a recording carries it whole, so that judging live and judging
//! years later see the same facts.

use serde::{Deserialize, Serialize};

pub use crate::model::auth::{
    Auth, CredentialFacts, Login, OTHER, READER, Renewal, SESSION, SPARE, Scheme, TokenForm,
};
pub use crate::model::keep::Keep;
use crate::model::probe::{Body, Effect, Mode, Nature, Origin, Probe};
use crate::model::waiver::Waiver;

/// How careful a run must be. Whatever was not spawned by us, and not named otherwise, is production, loopback included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Environment {
    /// Ours: everything may run.
    Local,
    /// Shared, without real users: no throttle of ours, but nothing is paid or written without leave.
    Staging,
    /// Real users: only reads and requests that could never be accepted.
    Production,
}

impl Environment {
    /// The name as flags and reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Environment::Local => "local",
            Environment::Staging => "staging",
            Environment::Production => "production",
        }
    }
}

/// An operation as people write it: `POST /ai/orchestrate`, the path below the target's base URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Call {
    /// The method, upper-case.
    pub method: String,
    /// The path below the base URL, beginning with `/`.
    pub path: String,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// One call that a page makes, and the request headers that it sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClientCall {
    /// The operation.
    pub call: Call,
    /// Names of the headers that the page sets itself, lower-case.
    pub headers: Vec<String>,
}

/// A browser page that uses the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Client {
    /// Its origin.
    pub origin: Origin,
    /// The credentials mode of its calls.
    pub credentials: Mode,
    /// What it calls.
    pub calls: Vec<ClientCall>,
    /// The path of the page itself, when somebody said where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// What a value in an answer must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Expect {
    /// A string, array or object with something in it.
    Nonempty,
    /// Anything but absent.
    Present,
    /// Exactly this.
    Equals(serde_json::Value),
}

/// One expectation on an answer's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Expectation {
    /// JSON Pointer (RFC 6901) into the answer.
    pub at: String,
    /// What must be there.
    pub expect: Expect,
}

/// Something that must be seen working, or the run is not green (law 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proof {
    /// The operation.
    pub call: Call,
    /// The body that must be accepted.
    pub body: Body,
    /// What its answer must hold.
    pub expect: Vec<Expectation>,
    /// What the operation does. Never guessed.
    pub nature: Nature,
    /// Whether it needs the credential.
    pub protected: bool,
    /// The Idempotency-Key under which it is made, when it is paid for once for a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A recording of speech, and words that it contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sample {
    /// Its name: the file's path as the profile gives it.
    pub name: String,
    /// Words that a transcript must hold, compared without case and punctuation.
    pub words: Vec<String>,
    /// Everything that is said in it, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The language that is spoken, as the operation names it, when it is another one than the body around the audio asks
    /// for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// An operation that turns speech into text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Transcription {
    /// The operation.
    pub call: Call,
    /// The body around the audio.
    pub body: serde_json::Value,
    /// JSON Pointer where base64 audio goes into the body.
    pub audio_at: String,
    /// JSON Pointer where text goes in instead, when the operation takes text.
    pub text_in: Option<String>,
    /// JSON Pointer of the transcript in the answer.
    pub text_at: String,
    /// JSON Pointer of the concepts in the answer.
    pub concepts_at: Option<String>,
    /// JSON Pointer where the language goes into the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_in: Option<String>,
    /// JSON Pointer of the language in the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_at: Option<String>,
    /// How many bytes of audio the operation promises to take, and not one more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_audio: Option<u64>,
    /// What the operation does.
    pub nature: Nature,
    /// At least two, with different words.
    pub samples: Vec<Sample>,
}

/// Where a build says which one it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VersionPlace {
    /// The route below the base URL.
    pub route: String,
    /// JSON Pointer into its answer.
    pub pointer: String,
}

/// Routes that mean the same in many services, below the base URL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Routes {
    /// Liveness or overall health.
    pub health: Option<String>,
    /// Readiness.
    pub ready: Option<String>,
    /// Health of the AI part.
    pub ai_health: Option<String>,
    /// The served OpenAPI document.
    pub contract: Option<String>,
    /// The build.
    pub version: Option<VersionPlace>,
    /// What counts the calls to a stand-in for the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<String>,
}

/// A nature that the profile declares for an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Declared {
    /// The operation.
    pub call: Call,
    /// What it does.
    pub nature: Nature,
}

/// Bounds of a run. Every one of them is finite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bounds {
    /// Deadline of one request, in milliseconds.
    pub deadline_ms: u64,
    /// Deadline of one paid request, in milliseconds.
    pub paid_deadline_ms: u64,
    /// Deadline of the whole run, in milliseconds.
    pub run_ms: u64,
    /// How many bytes of a body are kept; JSON is kept up to eight times as many.
    pub body_keep: u64,
    /// How many bytes of a body are read, coded or decoded, before it is cut.
    pub body_read: u64,
    /// How many bytes of large answers a run keeps in all; beyond that only their beginnings.
    #[serde(default = "run_keep")]
    pub run_keep: u64,
    /// How many probes are under way at once.
    pub concurrency: u16,
    /// How many requests may go out in all.
    pub requests: u32,
    /// How many paid requests may go out, when not unlimited.
    pub paid: Option<u32>,
    /// How many bytes of request bodies may go out in all, when not unlimited.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// How many requests a minute may go to one operation that is not a plain read, when not unlimited.
    pub per_operation: Option<u32>,
    /// How long a service that sleeps may take until it answers for the first time, in milliseconds; zero when nobody said.
    #[serde(default)]
    pub cold_start_ms: u64,
}

/// What a run keeps of large answers, in bytes, when nobody says: a served contract and some lists, and no more memory
/// than the smallest CI runner has to spare.
fn run_keep() -> u64 {
    8 * 1024 * 1024
}

impl Bounds {
    /// The defaults for an environment.
    pub fn of(environment: Environment) -> Bounds {
        let production = environment == Environment::Production;
        Bounds {
            deadline_ms: 10_000,
            paid_deadline_ms: 30_000,
            run_ms: 300_000,
            body_keep: 256 * 1024,
            body_read: 8 * 1024 * 1024,
            run_keep: run_keep(),
            concurrency: if production { 4 } else { 8 },
            requests: 1_000,
            paid: if environment == Environment::Local {
                None
            } else {
                Some(1)
            },
            bytes: None,
            per_operation: production.then_some(6),
            cold_start_ms: 0,
        }
    }
}

/// What is under test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Target {
    /// The service's name, when the profile gives one.
    pub name: Option<String>,
    /// The base URL without a trailing slash: scheme, host, port and path.
    pub base: String,
    /// How careful the run is.
    pub environment: Environment,
    /// Whether the harness itself started the service.
    pub ours: bool,
    /// How many processes answer at the address, when somebody said.
    #[serde(default)]
    pub replicas: Option<u16>,
    /// Pages that use it.
    pub clients: Vec<Client>,
    /// How callers prove who they are, when known.
    pub auth: Option<Auth>,
    /// Well-known routes.
    pub routes: Routes,
    /// What must be seen working.
    pub proofs: Vec<Proof>,
    /// The operation that takes audio, when there is one.
    pub transcription: Option<Transcription>,
    /// What good calls keep, and where that is found again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<Keep>,
    /// Operations that must refuse strangers, as the contract says when nobody else does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guarded: Vec<Call>,
    /// Declared natures of operations.
    pub natures: Vec<Declared>,
    /// The build that must answer.
    pub expect_version: Option<String>,
    /// Effects that the run may have, besides reads and inert requests.
    pub allow: Vec<Effect>,
    /// Bounds.
    pub bounds: Bounds,
    /// Whether success bodies of authenticated calls are kept as they are.
    pub keep_bodies: bool,
    /// What was assumed because nobody said it, each one sentence.
    pub assumed: Vec<String>,
    /// Failures that somebody answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

impl Target {
    /// A target about which nothing is known but its base URL, and which is therefore production.
    pub fn bare(base: impl Into<String>) -> Target {
        Target {
            name: None,
            base: base.into(),
            environment: Environment::Production,
            ours: false,
            replicas: None,
            clients: Vec::new(),
            auth: None,
            routes: Routes::default(),
            proofs: Vec::new(),
            transcription: None,
            keeps: Vec::new(),
            guarded: Vec::new(),
            natures: Vec::new(),
            expect_version: None,
            allow: Vec::new(),
            bounds: Bounds::of(Environment::Production),
            keep_bodies: false,
            assumed: Vec::new(),
            waivers: Vec::new(),
        }
    }

    /// The path of the base URL, without a trailing slash: `/api/v3`, or empty.
    pub fn base_path(&self) -> &str {
        let after_scheme = self
            .base
            .split_once("://")
            .map_or(self.base.as_str(), |(_, rest)| rest);
        after_scheme
            .find('/')
            .map_or("", |at| after_scheme[at..].trim_end_matches('/'))
    }

    /// The base URL without its path: scheme, host and port.
    pub fn host_root(&self) -> &str {
        let base = self.base.trim_end_matches('/');
        base.strip_suffix(self.base_path()).unwrap_or(base)
    }

    /// Whether it is spoken to with TLS.
    pub fn speaks_tls(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// The URL that the path of a probe is appended to.
    pub fn base_of(&self, probe: &Probe) -> &str {
        if probe.at_root {
            self.host_root()
        } else {
            &self.base
        }
    }

    /// Whether a probe of this effect may be sent at all.
    pub fn allows(&self, effect: Effect) -> bool {
        matches!(effect, Effect::Read | Effect::Inert) || self.allow.contains(&effect)
    }

    /// What an operation does, as declared by proof, transcription role or the list of natures.
    pub fn nature_of(&self, call: &Call) -> Option<Nature> {
        let declared = self
            .natures
            .iter()
            .find(|declared| declared.call == *call)
            .map(|d| d.nature);
        let role = self
            .transcription
            .iter()
            .find(|role| role.call == *call)
            .map(|role| role.nature);
        let proof = self
            .proofs
            .iter()
            .find(|proof| proof.call == *call)
            .map(|proof| proof.nature);
        declared.or(role).or(proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_path_has_no_trailing_slash() {
        assert_eq!(Target::bare("http://127.0.0.1:9/api/v3").base_path(), "/api/v3");
        assert_eq!(Target::bare("https://api.acme.example").base_path(), "");
        assert_eq!(Target::bare("https://api.acme.example/").base_path(), "");
    }

    #[test]
    fn what_lies_at_the_root_is_beside_the_base_path() {
        let target = Target::bare("http://127.0.0.1:9/api/v3");
        assert_eq!(
            target.base_of(&Probe::get("/.env").at_root().build()),
            "http://127.0.0.1:9"
        );
        assert_eq!(target.base_of(&Probe::get("/x").build()), target.base);
        assert_eq!(
            Target::bare("https://api.acme.example/").host_root(),
            "https://api.acme.example"
        );
    }

    #[test]
    fn production_without_leave_allows_only_what_cannot_hurt() {
        let target = Target::bare("http://x");
        assert!(target.allows(Effect::Read) && target.allows(Effect::Inert));
        for effect in [Effect::Paid, Effect::Writes, Effect::Hostile] {
            assert!(!target.allows(effect), "{effect:?}");
        }
    }
}
