//! What the service runs with, and what it refuses to run with.
//!
//! [`Settings`] is a value: reading a file and the environment is [`read`]'s, and only the binary has either.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::auth::{AuthSettings, MIN_SECRET_BYTES};
use crate::domain::audio::AudioPolicy;
use crate::domain::fetch::FetchPolicy;
use crate::http::cors::{AllowedOrigins, OriginError};
use crate::http::limits::{Limits, MIN_BODY_LIMIT};
use crate::login::LoginSettings;
use crate::providers::breaker::BreakerPolicy;
use crate::providers::openai::settings::OpenAiSettings;
use crate::providers::simulator::SimulatorSettings;
use crate::storage::settings::DatabaseSettings;
use crate::storage::sqlite::Location;

use self::sources::Place;

pub mod export;
pub mod keys;
pub mod login;
pub mod read;
mod shown;
pub mod sources;

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
    /// How people log in; none when they cannot.
    pub login: Option<LoginSettings>,
    /// The origins whose pages may call it, as browsers send them.
    pub origins: Vec<String>,
    /// Where everything is kept.
    pub database: DatabaseSettings,
    /// Who transcribes and finds concepts.
    pub provider: ProviderChoice,
    /// When it is left alone for a while.
    pub breaker: BreakerPolicy,
    /// What a caller may cost.
    pub limits: Limits,
    /// Which recordings are taken.
    pub audio: AudioPolicy,
    /// Which addresses recordings are fetched from.
    pub fetch: FetchPolicy,
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
    /// The secret is long, and easily guessed.
    #[error(
        "the signing secret can be guessed: {why}. Set ORCHESTRATE_AUTH_SECRET to random bytes, such as those of \
         `openssl rand -base64 48`"
    )]
    SecretWeak {
        /// What is wrong with it, without a part of it.
        why: &'static str,
    },
    /// The development secret in production.
    #[error(
        "the development secret is public and production refuses it: set ORCHESTRATE_AUTH_SECRET to at \
         least {MIN_SECRET_BYTES} random bytes"
    )]
    DevelopmentSecret,
    /// Keys without an issuer, or the other way round.
    #[error(
        "another issuer needs both the address of its keys (auth.jwks_url) and its name, the iss of its tokens \
         (auth.jwks_issuer): set both, or neither"
    )]
    JwksHalf,
    /// Keys that whoever sits between could replace.
    #[error("the address of an issuer's keys (auth.jwks_url) must begin with {wanted}")]
    JwksScheme {
        /// How.
        wanted: &'static str,
    },
    /// Two issuers of one name.
    #[error(
        "the issuer of foreign tokens (auth.jwks_issuer) is called like our own (auth.issuer): no token would say whose it is"
    )]
    JwksIssuer,
    /// A login that cannot be, or must not.
    #[error(transparent)]
    Login(#[from] login::LoginMistake),
    /// No provider in production.
    #[error(
        "no AI provider: production refuses the simulator, whose answers are made up. Set OPENAI_API_KEY, and \
         OPENAI_BASE_URL when it is not OpenAI's own"
    )]
    SimulatorInProduction,
    /// A provider that cannot be reached like this.
    #[error(transparent)]
    Provider(#[from] crate::providers::openai::settings::SettingsError),
    /// An origin that cannot be allowed.
    #[error("among the allowed origins (ORCHESTRATE_CORS_ORIGINS, cors.origins): {0}")]
    Origin(#[from] OriginError),
    /// A body limit that refuses audio within the documented size.
    #[error(
        "the body limit is {bytes} bytes: at least {MIN_BODY_LIMIT} are needed for 25 MiB of audio as base64"
    )]
    BodyLimit {
        /// What was configured.
        bytes: usize,
    },
    /// Accepted work that a shutdown would drop.
    #[error(
        "the shutdown grace is {grace:?} and a request may take {longest:?}: a deploy would drop what was accepted. Make the \
         grace (limits.shutdown_grace) at least so long, or the deadlines of bodies and work (limits.body_deadline, \
         limits.work_deadline) shorter: a request waits for turns, for its body and for a twin before its work begins"
    )]
    Grace {
        /// How long a shutdown waits.
        grace: Duration,
        /// How long a request may take that is waited with at every turn.
        longest: Duration,
    },
    /// A value that cannot be read.
    #[error("{place}: {value:?} cannot be taken: {why}")]
    Value {
        /// Where it was written.
        place: Place,
        /// What was written, unless it may hold a secret.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that cannot be read as TOML.
    #[error("{place}: {why}")]
    File {
        /// Where.
        place: Place,
        /// What is wrong.
        why: String,
    },
    /// A key that is none.
    #[error("{place}: {key} is no setting; {hint}")]
    UnknownKey {
        /// Where.
        place: Place,
        /// As written.
        key: String,
        /// What to write.
        hint: String,
    },
    /// Faults in production.
    #[error("faults are refused in production: unset ORCHESTRATE_ENV or leave --fault out")]
    FaultsInProduction,
}

/// Every reason why settings are refused: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    all: Vec<SettingsError>,
    /// Where that was written which each is about, as far as somebody knows.
    places: Vec<Option<Place>>,
}

impl Mistakes {
    /// These mistakes as an error; nothing when there is none.
    ///
    /// # Errors
    /// When there is one.
    pub fn refuse(mistakes: Vec<SettingsError>) -> Result<(), Self> {
        if mistakes.is_empty() {
            return Ok(());
        }
        let places = vec![None; mistakes.len()];
        Err(Self {
            all: mistakes,
            places,
        })
    }

    /// The same, each told with the place that this finds for it.
    #[must_use]
    pub fn placed(self, place: impl Fn(&SettingsError) -> Option<Place>) -> Self {
        let places = self.all.iter().map(place).collect();
        Self { places, ..self }
    }

    /// Each of them.
    #[must_use]
    pub fn all(&self) -> &[SettingsError] {
        &self.all
    }

    /// Each of them as people read it, with its place.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let each = self.all.iter().zip(&self.places);
        each.map(|(mistake, place)| match place {
            None => mistake.to_string(),
            Some(place) => format!("{place}: {mistake}"),
        })
    }
}

impl From<SettingsError> for Mistakes {
    fn from(mistake: SettingsError) -> Self {
        Self {
            all: vec![mistake],
            places: vec![None],
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.lines();
        if let ([_], Some(only)) = (&*self.all, lines.next()) {
            return f.write_str(&only);
        }
        write!(f, "the configuration has {} mistakes", self.all.len())?;
        self.lines().try_for_each(|mistake| write!(f, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Settings {
    /// The settings of `serve --dev`, of tests and of the lab: memory, simulator, the public secret.
    #[must_use]
    pub fn development() -> Self {
        Self {
            environment: Environment::Development,
            auth: AuthSettings::development(),
            login: Some(login::development()),
            origins: DEVELOPMENT_ORIGINS.map(str::to_owned).to_vec(),
            database: Location::Memory.into(),
            provider: ProviderChoice::Simulator(SimulatorSettings::default()),
            breaker: BreakerPolicy::default(),
            audio: AudioPolicy::default(),
            fetch: FetchPolicy::default(),
            // Nobody's deploy waits for a service of a test.
            limits: Limits {
                linger: Duration::from_millis(50),
                ..Limits::default()
            },
            build: Build::current(),
            remember_provider: Duration::from_secs(5),
            #[cfg(feature = "faults")]
            faults: crate::faults::Faults::default(),
        }
    }

    /// Looks for what the service must not run with, and gives the origins that may call it.
    ///
    /// # Errors
    /// Names every such thing, and what to do.
    pub fn check(&self) -> Result<AllowedOrigins, Mistakes> {
        let mut mistakes: Vec<SettingsError> = self.secret_mistake().into_iter().collect();
        let production = self.environment == Environment::Production;
        mistakes.extend(self.issuer_mistakes());
        let login = self.login.iter().flat_map(|login| login::mistakes(login, self));
        mistakes.extend(login.map(SettingsError::Login));
        match &self.provider {
            ProviderChoice::Simulator(_) if production => mistakes.push(SettingsError::SimulatorInProduction),
            ProviderChoice::Simulator(_) => {}
            ProviderChoice::OpenAi(openai) => {
                let wrong = [openai.checked_base().err(), openai.check_key().err()];
                mistakes.extend(wrong.into_iter().flatten().map(SettingsError::Provider));
            }
        }
        if self.limits.body_bytes < MIN_BODY_LIMIT {
            mistakes.push(SettingsError::BodyLimit {
                bytes: self.limits.body_bytes,
            });
        }
        let (grace, longest) = (self.limits.shutdown_grace, self.limits.longest());
        if grace < longest {
            mistakes.push(SettingsError::Grace { grace, longest });
        }
        #[cfg(feature = "faults")]
        if production && !self.faults.is_empty() {
            mistakes.push(SettingsError::FaultsInProduction);
        }
        let each = self.origins.iter().map(|origin| AllowedOrigins::parse(&[origin]));
        mistakes.extend(each.filter_map(Result::err).map(SettingsError::Origin));
        Mistakes::refuse(mistakes)?;
        AllowedOrigins::parse(&self.origins).map_err(|error| SettingsError::Origin(error).into())
    }

    fn issuer_mistakes(&self) -> Vec<SettingsError> {
        let Some(foreign) = &self.auth.foreign else {
            return Vec::new();
        };
        let scheme = match (foreign.jwks_url.scheme(), self.environment) {
            ("https", _) | ("http", Environment::Development) => None,
            (_, Environment::Production) => Some("https://"),
            (_, Environment::Development) => Some("https:// or http://"),
        };
        let scheme = scheme.map(|wanted| SettingsError::JwksScheme { wanted });
        let same = (foreign.issuer == self.auth.issuer).then_some(SettingsError::JwksIssuer);
        scheme.into_iter().chain(same).collect()
    }

    fn secret_mistake(&self) -> Option<SettingsError> {
        let secret = &self.auth.secret;
        if self.auth.is_development() {
            let production = self.environment == Environment::Production;
            return production.then_some(SettingsError::DevelopmentSecret);
        }
        if secret.len() < MIN_SECRET_BYTES {
            return Some(SettingsError::SecretTooShort { bytes: secret.len() });
        }
        let why = weakness(secret.expose().as_bytes())?;
        Some(SettingsError::SecretWeak { why })
    }
}

/// Different bytes that a secret must have. Thirty-two random hexadecimal digits have fewer in less than one case of a million.
const LEAST_DIFFERENT: usize = 6;

/// Why a secret that is long enough can be guessed all the same: it repeats a few characters, or a short word.
fn weakness(secret: &[u8]) -> Option<&'static str> {
    let mut different = secret.to_vec();
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT {
        return Some("it has only a few different characters");
    }
    let repeats = |period: usize| {
        secret
            .iter()
            .zip(&secret[period..])
            .all(|(one, other)| one == other)
    };
    if (1..=secret.len() / 3).any(repeats) {
        return Some("it repeats one word");
    }
    None
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
