//! Settings from flags, variables of the environment and a file: read whole, with every mistake at once.
//!
//! The world is a function and a text, so that a test needs no environment and no file.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;

use crate::auth::{AuthSettings, ForeignIssuer};
use crate::config::export::{Export, export};
use crate::config::keys::{
    ACCESS_TTL, API_KEY, AUDIENCE, AUDIO_LONGEST, AUDIO_SILENCE, BASE_URL, BODY_BYTES, BODY_DEADLINE,
    BREAKER_FAILURES, BREAKER_REST, CONCEPT_MODEL, CONCURRENCY, CONNECTIONS, DATABASE, ENVIRONMENT, HOST,
    ISSUER, JWKS_AUDIENCE, JWKS_ISSUER, JWKS_URL, KEYS, LOG, METRICS, ORIGINS, PORT, PROVIDER_DEADLINE,
    RATE_PER_CREDENTIAL, RATE_PER_PEER, SECRET, SESSION_TTL, SHUTDOWN_GRACE, TRANSCRIPTION_MODEL,
    TRUSTED_PROXIES, WORK_DEADLINE,
};
use crate::config::sources::{File, Key, Place, Sources};
use crate::config::{Environment, Mistakes, ProviderChoice, Settings, SettingsError};
use crate::domain::audio::AudioPolicy;
use crate::domain::provider::ProviderKind;
use crate::http::limits::Limits;
use crate::http::peer::TrustedProxies;
use crate::http::rate::Rate;
use crate::providers::openai::settings::{
    OPENAI_BASE_URL, OpenAiSettings, SettingsError as ProviderError, checked_base,
};
use crate::secret::Secret;
use crate::storage::settings::{DatabasePlace, MOST_CONNECTIONS, PlaceError};
use crate::storage::sqlite::Location;

/// The port when nobody names one.
pub const DEFAULT_PORT: u16 = 8080;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// What was typed. It wins over everything else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed {
    /// For development: without it a signing secret must be configured.
    pub dev: bool,
    /// The address to listen on.
    pub host: Option<IpAddr>,
    /// The port to listen on.
    pub port: Option<u16>,
    /// Where the metrics are served.
    pub metrics: Option<SocketAddr>,
    /// How the log is written.
    pub log: Option<LogFormat>,
}

/// All that a process is configured with.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// What the service runs with.
    pub settings: Settings,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where its metrics are served, if they are.
    pub metrics: Option<SocketAddr>,
    /// What is exported of it.
    pub export: Export,
    /// How its log is written.
    pub log: LogFormat,
    /// Where each setting came from.
    pub places: Vec<(Key, Place)>,
    /// What could not be read; [`Configuration::checked`] adds what must not be.
    mistakes: Vec<SettingsError>,
}

impl Configuration {
    /// Reads everything. What cannot be read is as if it were not there, until [`Configuration::checked`] refuses it.
    #[must_use]
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, file: Option<File<'_>>, typed: Typed) -> Self {
        let mut sources = Sources::new(variable, file, KEYS);
        let dev = typed.dev;
        let mut settings = Settings::development();
        let environment = sources.read(ENVIRONMENT, None, environment);
        settings.environment = environment.unwrap_or(if dev {
            Environment::Development
        } else {
            Environment::Production
        });
        let host = sources.read(HOST, typed.host, |text| {
            text.parse()
                .map_err(|_| "write an IP address, such as 0.0.0.0 or ::".to_owned())
        });
        let port = sources.read(PORT, typed.port, |text| {
            text.parse()
                .map_err(|_| "write a number from 0 to 65535".to_owned())
        });
        let metrics = sources.read(METRICS, typed.metrics, |text| {
            text.parse()
                .map_err(|_| "write an IP address and a port, such as 127.0.0.1:9464".to_owned())
        });
        let log = sources.read(LOG, typed.log, log_format);
        token_settings(&mut sources, &mut settings, dev);
        super::login::read(&mut sources, &mut settings);
        if let Some(origins) = sources.read(ORIGINS, None, |text| Ok(list(text))) {
            settings.origins = origins;
        } else if settings.environment == Environment::Production {
            // Nobody's pages, rather than everybody's local ones.
            settings.origins = Vec::new();
        }
        match database(&mut sources) {
            Some(place) => settings.database = place.into(),
            None if !dev => settings.database = Location::File(PathBuf::from("orchestrate.db")).into(),
            None => {}
        }
        settings.database.connections = sources.read(CONNECTIONS, None, connections);
        provider(&mut sources, &mut settings);
        limits(&mut sources, &mut settings);
        audio(&mut sources, &mut settings);
        let export = export(&mut sources);
        let (places, mistakes) = sources.end();
        Self {
            settings,
            address: SocketAddr::new(
                host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                port.unwrap_or(DEFAULT_PORT),
            ),
            metrics,
            export,
            log: log.unwrap_or(LogFormat::Pretty),
            places,
            mistakes,
        }
    }

    /// The same, when nothing at all is wrong with it.
    ///
    /// # Errors
    /// Every value that could not be read, and everything that the service must not run with.
    pub fn checked(self) -> Result<Self, Mistakes> {
        let mut mistakes = self.mistakes.clone();
        if let Err(more) = self.settings.check() {
            // Without a secret there is none to find fault with.
            let missing = mistakes.contains(&SettingsError::SecretMissing);
            let own = |mistake: &&SettingsError| !(missing && **mistake == SettingsError::DevelopmentSecret);
            mistakes.extend(more.all().iter().filter(own).cloned());
        }
        Mistakes::refuse(mistakes).map_err(|mistakes| mistakes.placed(|mistake| self.place(mistake)))?;
        Ok(self)
    }

    /// Where that was written which a mistake is about; nothing where nobody wrote it, and where the mistake says so itself.
    fn place(&self, mistake: &SettingsError) -> Option<Place> {
        let written = |subject: &Key| {
            let (_, place) = self.places.iter().find(|(key, _)| key == subject)?;
            (*place != Place::Default).then(|| place.clone())
        };
        subjects(mistake).iter().find_map(written)
    }

    /// The same, when everything that was written could be read.
    ///
    /// # Errors
    /// Every value that could not.
    pub fn legible(self) -> Result<Self, Mistakes> {
        Mistakes::refuse(self.mistakes.clone())?;
        Ok(self)
    }
}

/// The settings that a mistake is about, the likeliest first.
fn subjects(mistake: &SettingsError) -> &'static [Key] {
    match mistake {
        SettingsError::SecretTooShort { .. }
        | SettingsError::SecretWeak { .. }
        | SettingsError::DevelopmentSecret => &[SECRET],
        SettingsError::JwksHalf => &[JWKS_URL, JWKS_ISSUER],
        SettingsError::JwksScheme { .. } => &[JWKS_URL],
        SettingsError::JwksIssuer => &[JWKS_ISSUER],
        SettingsError::Login(mistake) => super::login::subjects(mistake),
        SettingsError::Provider(ProviderError::ApiKey) => &[API_KEY],
        SettingsError::Provider(ProviderError::BaseUrl | ProviderError::BaseUrlExtras) => &[BASE_URL],
        SettingsError::Origin(_) => &[ORIGINS],
        SettingsError::BodyLimit { .. } => &[BODY_BYTES],
        SettingsError::Grace { .. } => &[SHUTDOWN_GRACE, WORK_DEADLINE, BODY_DEADLINE],
        SettingsError::SimulatorInProduction
        | SettingsError::SecretMissing
        | SettingsError::Provider(ProviderError::Tls)
        | SettingsError::FaultsInProduction
        // These tell their place themselves.
        | SettingsError::Value { .. }
        | SettingsError::File { .. }
        | SettingsError::UnknownKey { .. } => &[],
    }
}

/// Which tokens are believed: as configured, or the development ones.
fn token_settings(sources: &mut Sources<'_>, settings: &mut Settings, dev: bool) {
    let secret = sources.read(SECRET, None, |text| Ok(Secret::new(text)));
    let issuer = sources.read(ISSUER, None, own);
    let audience = sources.read(AUDIENCE, None, own);
    match secret {
        Some(secret) => settings.auth = AuthSettings::with_secret(secret),
        None if dev => {}
        None => sources.complain(SettingsError::SecretMissing),
    }
    settings.auth.issuer = issuer.unwrap_or_else(|| settings.auth.issuer.clone());
    settings.auth.audience = audience.unwrap_or_else(|| settings.auth.audience.clone());
    for (key, bound) in [
        (ACCESS_TTL, &mut settings.auth.access_ttl),
        (SESSION_TTL, &mut settings.auth.session_ttl),
    ] {
        *bound = sources.read(key, None, duration).unwrap_or(*bound);
    }
    let written = sources.written(JWKS_URL).is_some();
    let url = sources.read(JWKS_URL, None, |text| {
        url::Url::parse(text)
            .map_err(|_| "write an address, such as https://issuer.example/jwks.json".to_owned())
    });
    let issuer = sources.read(JWKS_ISSUER, None, own);
    let audience = sources.read(JWKS_AUDIENCE, None, own);
    settings.auth.foreign = match (url, issuer) {
        (Some(jwks_url), Some(issuer)) => Some(ForeignIssuer {
            jwks_url,
            issuer,
            audience: audience.unwrap_or_else(|| settings.auth.audience.clone()),
        }),
        // An address that is there and cannot be read was complained of already.
        (url, issuer) => {
            if url.is_some() || (issuer.is_some() && !written) {
                sources.complain(SettingsError::JwksHalf);
            }
            None
        }
    };
}

fn provider(sources: &mut Sources<'_>, settings: &mut Settings) {
    let key = sources.read(API_KEY, None, |text| Ok(Secret::new(text)));
    let base_url = sources.read(BASE_URL, None, own);
    let transcription = sources.read(TRANSCRIPTION_MODEL, None, own);
    let concepts = sources.read(CONCEPT_MODEL, None, own);
    let deadline = sources.read(PROVIDER_DEADLINE, None, duration);
    let breaker = &mut settings.breaker;
    let failures = sources.read(BREAKER_FAILURES, None, positive);
    breaker.failures = failures.unwrap_or(breaker.failures);
    breaker.rest = sources.read(BREAKER_REST, None, duration).unwrap_or(breaker.rest);
    let Some(key) = key else {
        // Nobody is asked there; it is wrong all the same.
        let wrong = base_url.and_then(|base| checked_base(&base).err());
        if let Some(wrong) = wrong {
            sources.complain(SettingsError::Provider(wrong));
        }
        return;
    };
    let base_url = base_url.unwrap_or_else(|| OPENAI_BASE_URL.to_owned());
    let mut openai = OpenAiSettings::new(ProviderKind::OpenAi, base_url, key);
    openai.transcription_model = transcription.unwrap_or(openai.transcription_model);
    openai.concept_model = concepts.unwrap_or(openai.concept_model);
    openai.total_deadline = deadline.unwrap_or(openai.total_deadline);
    settings.provider = ProviderChoice::OpenAi(openai);
}

fn limits(sources: &mut Sources<'_>, settings: &mut Settings) {
    let limits = &mut settings.limits;
    limits.linger = Limits::default().linger;
    let bytes = sources.read(BODY_BYTES, None, |text| {
        text.parse().map_err(|_| "write a number of bytes".to_owned())
    });
    limits.body_bytes = bytes.unwrap_or(limits.body_bytes);
    let concurrency = sources.read(CONCURRENCY, None, positive);
    limits.concurrency = concurrency.unwrap_or(limits.concurrency);
    for (key, rate) in [
        (RATE_PER_CREDENTIAL, &mut limits.rate_per_credential),
        (RATE_PER_PEER, &mut limits.rate_per_peer),
    ] {
        *rate = sources.read(key, None, rate_or_off).unwrap_or(*rate);
    }
    if let Some(networks) = sources.read(TRUSTED_PROXIES, None, networks) {
        limits.trusted_proxies = TrustedProxies(networks);
    }
    for (key, bound) in [
        (BODY_DEADLINE, &mut limits.body_deadline),
        (WORK_DEADLINE, &mut limits.work_deadline),
        (SHUTDOWN_GRACE, &mut limits.shutdown_grace),
    ] {
        *bound = sources.read(key, None, duration).unwrap_or(*bound);
    }
}

fn positive<N: FromStr + Default + PartialEq>(text: &str) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| *number != N::default());
    number.ok_or_else(|| "write a whole number above zero".to_owned())
}

fn rate_or_off(text: &str) -> Result<Option<Rate>, String> {
    if text == "off" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|why| format!("{why}, or off"))
}

/// Networks, or single addresses.
fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parse = |entry: String| {
        let network = entry.parse::<IpNet>().ok();
        network
            .or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
            .ok_or_else(|| format!("{entry:?} is no network: write one such as 10.0.0.0/8 or fd00::/8"))
    };
    list(text).into_iter().map(parse).collect()
}

fn audio(sources: &mut Sources<'_>, settings: &mut Settings) {
    let audio = &mut settings.audio;
    audio.longest = sources
        .read(AUDIO_LONGEST, None, duration)
        .unwrap_or(audio.longest);
    let silence = sources.read(AUDIO_SILENCE, None, |word| match word {
        "refused" => Ok(AudioPolicy::default().quietest),
        "taken" => Ok(None),
        _ => Err("it must be refused or taken".to_owned()),
    });
    audio.quietest = silence.unwrap_or(audio.quietest);
}

/// The environment that is named.
fn environment(word: &str) -> Result<Environment, String> {
    match word {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        _ => Err("it must be development or production".to_owned()),
    }
}

fn log_format(word: &str) -> Result<LogFormat, String> {
    clap::ValueEnum::from_str(word, true).map_err(|_| "it must be pretty or json".to_owned())
}

pub(super) fn own(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

/// The longest time that can be set, in hours: ten years.
const LONGEST_HOURS: u64 = 87_600;

/// A duration such as `30s` or `1m30s`, longer than none.
fn duration(text: &str) -> Result<Duration, String> {
    let span: Result<jiff::SignedDuration, _> = text.parse();
    let duration = span.ok().and_then(|span| Duration::try_from(span).ok());
    duration
        .filter(|duration| !duration.is_zero() && *duration <= Duration::from_secs(LONGEST_HOURS * 3600))
        .ok_or_else(|| format!("write a duration of at most {LONGEST_HOURS}h, such as 30s or 2m"))
}

pub(super) fn list(origins: &str) -> Vec<String> {
    origins
        .split(',')
        .map(|origin| origin.trim().to_owned())
        .filter(|origin| !origin.is_empty())
        .collect()
}

fn database(sources: &mut Sources<'_>) -> Option<DatabasePlace> {
    let place = sources.written(DATABASE).map(|written| written.place);
    let read = sources.read(DATABASE, None, |text| Ok(text.parse::<DatabasePlace>()))?;
    if let (Ok(DatabasePlace::Postgres(url)), Some(written @ Place::File(..))) = (&read, &place)
        && url.holds_password()
    {
        sources.complain(SettingsError::Value {
            place: written.clone(),
            value: url.to_string(),
            why: "no file may hold a password: set DATABASE_URL, or PGPASSWORD beside this".to_owned(),
        });
        return None;
    }
    let Err(error) = read else {
        return read.ok();
    };
    // Not the value itself: it may hold a password.
    let scheme = match &error {
        PlaceError::Scheme(scheme) => scheme,
        PlaceError::Postgres => "postgres",
        PlaceError::Sqlite => "sqlite",
    };
    sources.complain(SettingsError::Value {
        place: place.unwrap_or(Place::Default),
        value: format!("{scheme}:…"),
        why: error.to_string(),
    });
    None
}

fn connections(text: &str) -> Result<u32, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=MOST_CONNECTIONS).contains(number));
    number.ok_or_else(|| format!("write a number from 1 to {MOST_CONNECTIONS}"))
}
