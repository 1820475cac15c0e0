//! What the service runs with, and what it refuses to run with.
//!
//! [`Settings`] is a value: reading the environment is `crate::config::env`'s, and only the binary does it.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::auth::{AuthSettings, MIN_SECRET_BYTES};
use crate::http::cors::{AllowedOrigins, OriginError};
use crate::http::limits::{Limits, MIN_BODY_LIMIT};
use crate::providers::openai::settings::OpenAiSettings;
use crate::providers::simulator::SimulatorSettings;
use crate::storage::sqlite::Location;

pub mod env;

/// The origin of the web client that this service was made for; the harness's concierge profile has it too.
pub const WEB_ORIGIN: &str = "https://concierge.example";

/// The origins that are allowed in development: the web client, and the usual local servers.
pub const DEVELOPMENT_ORIGINS: [&str; 3] = [WEB_ORIGIN, "http://localhost:3000", "http://localhost:5173"];

/// Everything the service runs with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it runs: production refuses what is only good for development.
    pub environment: Environment,
    /// Which tokens are believed.
    pub auth: AuthSettings,
    /// The origins whose pages may call it, as browsers send them.
    pub origins: Vec<String>,
    /// Where curations are kept.
    pub database: Location,
    /// Who transcribes and finds concepts.
    pub provider: ProviderChoice,
    /// What a caller may cost.
    pub limits: Limits,
    /// What the service says about itself.
    pub build: Build,
    /// For how long `/ai/health` remembers what the provider said.
    pub remember_provider: Duration,
    /// Which faults are injected. None is a healthy service.
    #[cfg(feature = "faults")]
    pub faults: crate::faults::Faults,
}

/// Where the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// On somebody's machine or in a test.
    Development,
    /// Where it matters.
    Production,
}

/// Who transcribes and finds concepts.
#[derive(Debug, Clone)]
pub enum ProviderChoice {
    /// The embedded simulator, on loopback, behaving like this.
    Simulator(SimulatorSettings),
    /// Something that speaks the OpenAI HTTP API, reached like this.
    OpenAi(OpenAiSettings),
}

/// What the service says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Its version.
    pub version: String,
    /// The commit that it was built from.
    pub commit: Option<String>,
    /// When it was built (RFC 3339, UTC).
    pub built_at: String,
    /// The process: another one after every start.
    pub instance: String,
}

impl Build {
    /// What this very build knows, with a fresh instance.
    #[must_use]
    pub fn current() -> Self {
        let seconds = env!("ORCHESTRATE_BUILD_EPOCH").parse().unwrap_or_default();
        let commit = env!("ORCHESTRATE_BUILD_COMMIT");
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: (!commit.is_empty()).then(|| commit.to_owned()),
            built_at: Timestamp::from_second(seconds).unwrap_or_default().to_string(),
            instance: Uuid::new_v4().to_string(),
        }
    }

    /// The version as `X-App-Version` says it: with the commit, as semantic versioning's build metadata.
    #[must_use]
    pub fn full_version(&self) -> String {
        match &self.commit {
            None => self.version.clone(),
            Some(commit) => format!("{}+{}", self.version, commit.get(..12).unwrap_or(commit)),
        }
    }
}

/// Why these settings are refused. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No secret was configured.
    #[error(
        "no signing secret: set ORCHESTRATE_AUTH_SECRET to at least {MIN_SECRET_BYTES} random bytes, \
         or pass --dev to use the public development secret"
    )]
    SecretMissing,
    /// The secret is too short to be one.
    #[error(
        "the signing secret has {bytes} bytes: HS256 needs at least {MIN_SECRET_BYTES} (RFC 7518 §3.2). \
         Set ORCHESTRATE_AUTH_SECRET to that many random bytes"
    )]
    SecretTooShort {
        /// How many it has.
        bytes: usize,
    },
    /// The development secret in production.
    #[error(
        "the development secret is public and production refuses it: set ORCHESTRATE_AUTH_SECRET to at \
         least {MIN_SECRET_BYTES} random bytes"
    )]
    DevelopmentSecret,
    /// An origin that cannot be allowed.
    #[error("in ORCHESTRATE_CORS_ORIGINS: {0}")]
    Origin(#[from] OriginError),
    /// A body limit that refuses audio within the documented size.
    #[error(
        "the body limit is {bytes} bytes: at least {MIN_BODY_LIMIT} are needed for 25 MiB of audio as base64"
    )]
    BodyLimit {
        /// What was configured.
        bytes: usize,
    },
    /// A variable that cannot be read.
    #[error("{name} is {value:?}: {why}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// Faults in production.
    #[error("faults are refused in production: unset ORCHESTRATE_ENV or leave --fault out")]
    FaultsInProduction,
}

impl Settings {
    /// The settings of `serve --dev`, of tests and of the lab: memory, simulator, the public secret.
    #[must_use]
    pub fn development() -> Self {
        Self {
            environment: Environment::Development,
            auth: AuthSettings::development(),
            origins: DEVELOPMENT_ORIGINS.map(str::to_owned).to_vec(),
            database: Location::Memory,
            provider: ProviderChoice::Simulator(SimulatorSettings::default()),
            limits: Limits::default(),
            build: Build::current(),
            remember_provider: Duration::from_secs(5),
            #[cfg(feature = "faults")]
            faults: crate::faults::Faults::default(),
        }
    }

    /// Looks for what the service must not run with, and gives the origins that may call it.
    ///
    /// # Errors
    /// Names the first such thing, and what to do.
    pub fn check(&self) -> Result<AllowedOrigins, SettingsError> {
        let secret = &self.auth.secret;
        if self.environment == Environment::Production && self.auth.is_development() {
            return Err(SettingsError::DevelopmentSecret);
        }
        if secret.len() < MIN_SECRET_BYTES {
            return Err(SettingsError::SecretTooShort { bytes: secret.len() });
        }
        if self.limits.body_bytes < MIN_BODY_LIMIT {
            return Err(SettingsError::BodyLimit {
                bytes: self.limits.body_bytes,
            });
        }
        #[cfg(feature = "faults")]
        if self.environment == Environment::Production && !self.faults.is_empty() {
            return Err(SettingsError::FaultsInProduction);
        }
        Ok(AllowedOrigins::parse(&self.origins)?)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
