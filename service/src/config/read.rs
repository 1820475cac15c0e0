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
use crate::config::sources::{File, Key, Place, Sources};
use crate::config::{Environment, Mistakes, ProviderChoice, Settings, SettingsError};
use crate::domain::audio::AudioPolicy;
use crate::domain::provider::ProviderKind;
use crate::http::limits::Limits;
use crate::http::peer::TrustedProxies;
use crate::http::rate::Rate;
use crate::login::{LoginSettings, ProviderAt};
use crate::providers::openai::settings::{OPENAI_BASE_URL, OpenAiSettings};
use crate::secret::Secret;
use crate::storage::settings::{DatabasePlace, MOST_CONNECTIONS, PlaceError};
use crate::storage::sqlite::Location;

macro_rules! keys {
    ($($(#[$what:meta])+ $name:ident: $file:expr, [$($variable:literal),+];)+) => {
        $($(#[$what])+ pub(super) const $name: Key = Key { file: $file, variables: &[$($variable),+] };)+
        /// Every setting that a file or the environment can make, in the order in which they are shown.
        pub const KEYS: &[Key] = &[$($name),+];
    };
}

keys! {
    /// Development or production.
    ENVIRONMENT: Some("environment"), ["ORCHESTRATE_ENV"];
    /// The address to listen on.
    HOST: Some("listen.host"), ["ORCHESTRATE_HOST"];
    /// The port to listen on; 0 takes a free one.
    PORT: Some("listen.port"), ["ORCHESTRATE_PORT", "PORT"];
    /// Where the metrics are served, such as 127.0.0.1:9464; nowhere when nobody says. Never where the API is.
    METRICS: Some("metrics.listen"), ["ORCHESTRATE_METRICS_LISTEN"];
    /// Pretty or json.
    LOG: Some("log"), ["ORCHESTRATE_LOG"];
    /// What tokens are signed with, at least 32 random bytes.
    SECRET: None, ["ORCHESTRATE_AUTH_SECRET"];
    /// The issuer that is believed.
    ISSUER: Some("auth.issuer"), ["ORCHESTRATE_AUTH_ISSUER"];
    /// The audience of tokens.
    AUDIENCE: Some("auth.audience"), ["ORCHESTRATE_AUTH_AUDIENCE"];
    /// Where another issuer publishes its keys.
    JWKS_URL: Some("auth.jwks_url"), ["ORCHESTRATE_AUTH_JWKS_URL"];
    /// The issuer of tokens that are signed with those keys.
    JWKS_ISSUER: Some("auth.jwks_issuer"), ["ORCHESTRATE_AUTH_JWKS_ISSUER"];
    /// Their audience; that of our own tokens when nobody says.
    JWKS_AUDIENCE: Some("auth.jwks_audience"), ["ORCHESTRATE_AUTH_JWKS_AUDIENCE"];
    /// For an access token of a session, such as 15m.
    ACCESS_TTL: Some("auth.access_ttl"), ["ORCHESTRATE_AUTH_ACCESS_TTL"];
    /// For a session, such as 720h.
    SESSION_TTL: Some("auth.session_ttl"), ["ORCHESTRATE_AUTH_SESSION_TTL"];
    /// The issuer of the login provider.
    LOGIN_ISSUER: Some("login.issuer"), ["ORCHESTRATE_LOGIN_ISSUER"];
    /// What it calls us.
    LOGIN_CLIENT: Some("login.client_id"), ["ORCHESTRATE_LOGIN_CLIENT_ID"];
    /// What we show it.
    LOGIN_SECRET: None, ["ORCHESTRATE_LOGIN_CLIENT_SECRET"];
    /// Our callback, as browsers reach it.
    LOGIN_CALLBACK: Some("login.callback"), ["ORCHESTRATE_LOGIN_CALLBACK"];
    /// Where a login may end: a list, or separated by commas.
    LOGIN_REDIRECTS: Some("login.redirects"), ["ORCHESTRATE_LOGIN_REDIRECTS"];
    /// Who may log in: addresses, domains with an @, or * for everybody.
    LOGIN_ADMITTED: Some("login.admitted"), ["ORCHESTRATE_LOGIN_ADMITTED"];
    /// Allowed origins: a list, or separated by commas.
    ORIGINS: Some("cors.origins"), ["ORCHESTRATE_CORS_ORIGINS"];
    /// A path, a sqlite: URL, :memory:, or a postgres: URL.
    DATABASE: Some("database.url"), ["ORCHESTRATE_DATABASE", "DATABASE_URL"];
    /// The most connections to it.
    CONNECTIONS: Some("database.connections"), ["ORCHESTRATE_DATABASE_CONNECTIONS"];
    /// The key of the AI provider; without one, development has the simulator.
    API_KEY: None, ["OPENAI_API_KEY"];
    /// Where the provider is, with its version segment.
    BASE_URL: Some("provider.base_url"), ["OPENAI_BASE_URL"];
    /// The model that transcribes.
    TRANSCRIPTION_MODEL: Some("provider.transcription_model"), ["ORCHESTRATE_TRANSCRIPTION_MODEL"];
    /// The model that finds concepts.
    CONCEPT_MODEL: Some("provider.concept_model"), ["ORCHESTRATE_CONCEPT_MODEL"];
    /// For one call, such as 30s.
    PROVIDER_DEADLINE: Some("provider.deadline"), ["ORCHESTRATE_PROVIDER_DEADLINE"];
    /// Largest request body, in bytes.
    BODY_BYTES: Some("limits.body_bytes"), ["ORCHESTRATE_BODY_LIMIT"];
    /// For a body to arrive, such as 60s.
    BODY_DEADLINE: Some("limits.body_deadline"), ["ORCHESTRATE_BODY_DEADLINE"];
    /// For the work, such as 60s.
    WORK_DEADLINE: Some("limits.work_deadline"), ["ORCHESTRATE_WORK_DEADLINE"];
    /// Requests that are worked on at once.
    CONCURRENCY: Some("limits.concurrency"), ["ORCHESTRATE_CONCURRENCY"];
    /// Requests of one credential, such as 600/1m, or off.
    RATE_PER_CREDENTIAL: Some("limits.rate_per_credential"), ["ORCHESTRATE_RATE_PER_CREDENTIAL"];
    /// Requests from one address, such as 6000/1m, or off.
    RATE_PER_PEER: Some("limits.rate_per_peer"), ["ORCHESTRATE_RATE_PER_PEER"];
    /// Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8.
    TRUSTED_PROXIES: Some("limits.trusted_proxies"), ["ORCHESTRATE_TRUSTED_PROXIES"];
    /// Failures in a row after which the provider is left alone for a while.
    BREAKER_FAILURES: Some("provider.breaker_failures"), ["ORCHESTRATE_BREAKER_FAILURES"];
    /// For how long it is left alone, such as 5s.
    BREAKER_REST: Some("provider.breaker_rest"), ["ORCHESTRATE_BREAKER_REST"];
    /// For requests in flight once it is told to stop, such as 60s.
    SHUTDOWN_GRACE: Some("limits.shutdown_grace"), ["ORCHESTRATE_SHUTDOWN_GRACE"];
    /// Longest recording, such as 2h.
    AUDIO_LONGEST: Some("audio.longest"), ["ORCHESTRATE_AUDIO_LONGEST"];
    /// Whether recordings in which nothing is to be heard are refused or taken.
    AUDIO_SILENCE: Some("audio.silence"), ["ORCHESTRATE_AUDIO_SILENCE"];
}

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
        let host = sources.read(HOST, typed.host.map(|host| ("--host", host)), |text| {
            text.parse()
                .map_err(|_| "write an IP address, such as 0.0.0.0 or ::".to_owned())
        });
        let port = sources.read(PORT, typed.port.map(|port| ("--port", port)), |text| {
            text.parse()
                .map_err(|_| "write a number from 0 to 65535".to_owned())
        });
        let metrics = typed.metrics.map(|address| ("--metrics-listen", address));
        let metrics = sources.read(METRICS, metrics, |text| {
            text.parse()
                .map_err(|_| "write an IP address and a port, such as 127.0.0.1:9464".to_owned())
        });
        let log = sources.read(LOG, typed.log.map(|log| ("--log", log)), log_format);
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
        Mistakes::refuse(mistakes)?;
        Ok(self)
    }

    /// The same, when everything that was written could be read.
    ///
    /// # Errors
    /// Every value that could not.
    pub fn legible(self) -> Result<Self, Mistakes> {
        Mistakes::refuse(self.mistakes.clone())?;
        Ok(self)
    }

    /// Every setting as people read it: its name, its value without secrets, and where it came from.
    #[must_use]
    pub fn shown(&self) -> Vec<(&'static str, String, String)> {
        let line = |(key, place): &(Key, Place)| {
            let name = key.file.unwrap_or(key.variables[0]);
            (name, self.value(*key), place.to_string())
        };
        self.places.iter().map(line).collect()
    }

    fn value(&self, key: Key) -> String {
        let Settings {
            auth,
            limits,
            origins,
            login,
            ..
        } = &self.settings;
        let openai = match &self.settings.provider {
            ProviderChoice::OpenAi(openai) => Some(openai),
            ProviderChoice::Simulator(_) => None,
        };
        let of_provider = |value: fn(&OpenAiSettings) -> String| {
            openai.map_or_else(|| "(the simulator's)".to_owned(), value)
        };
        let bytes = |secret: &Secret| format!("({} bytes)", secret.len());
        match key {
            ENVIRONMENT => format!("{:?}", self.settings.environment).to_lowercase(),
            HOST => self.address.ip().to_string(),
            PORT => self.address.port().to_string(),
            LOG => format!("{:?}", self.log).to_lowercase(),
            SECRET if auth.is_development() => "(the public one of development)".to_owned(),
            SECRET => bytes(&auth.secret),
            ISSUER => auth.issuer.clone(),
            AUDIENCE => auth.audience.clone(),
            JWKS_URL => of_foreign(auth, |foreign| foreign.jwks_url.to_string()),
            JWKS_ISSUER => of_foreign(auth, |foreign| foreign.issuer.clone()),
            JWKS_AUDIENCE => of_foreign(auth, |foreign| foreign.audience.clone()),
            ACCESS_TTL => format!("{:?}", auth.access_ttl),
            SESSION_TTL => format!("{:?}", auth.session_ttl),
            LOGIN_ISSUER => of_login(login, |login| match &login.provider {
                ProviderAt::Embedded => "(the embedded one of development)".to_owned(),
                ProviderAt::Issuer(issuer) => issuer.clone(),
            }),
            LOGIN_CLIENT => of_login(login, |login| login.client_id.clone()),
            LOGIN_SECRET => of_login(login, |login| {
                let secret = login.client_secret.as_ref();
                secret.map_or_else(
                    || "(none: PKCE alone)".to_owned(),
                    |secret| format!("({} bytes)", secret.len()),
                )
            }),
            LOGIN_CALLBACK => of_login(login, |login| {
                let callback = login.callback.as_ref();
                callback.map_or_else(|| "(where a login is begun)".to_owned(), ToString::to_string)
            }),
            LOGIN_REDIRECTS => of_login(login, |login| login.redirects.join(", ")),
            LOGIN_ADMITTED => of_login(login, |login| login.admitted.to_string()),
            ORIGINS if origins.is_empty() => "(none: no page may read an answer)".to_owned(),
            ORIGINS => origins.join(", "),
            DATABASE => self.settings.database.place.to_string(),
            CONNECTIONS => self.settings.database.connections().to_string(),
            API_KEY => openai.map_or_else(
                || "(none: the simulator answers)".to_owned(),
                |openai| bytes(&openai.api_key),
            ),
            BASE_URL => of_provider(|openai| openai.base_url.clone()),
            TRANSCRIPTION_MODEL => of_provider(|openai| openai.transcription_model.clone()),
            CONCEPT_MODEL => of_provider(|openai| openai.concept_model.clone()),
            PROVIDER_DEADLINE => of_provider(|openai| format!("{:?}", openai.total_deadline)),
            BODY_BYTES => limits.body_bytes.to_string(),
            BODY_DEADLINE => format!("{:?}", limits.body_deadline),
            WORK_DEADLINE => format!("{:?}", limits.work_deadline),
            CONCURRENCY => limits.concurrency.to_string(),
            RATE_PER_CREDENTIAL => shown_rate(limits.rate_per_credential),
            RATE_PER_PEER => shown_rate(limits.rate_per_peer),
            TRUSTED_PROXIES => shown_networks(&limits.trusted_proxies),
            BREAKER_FAILURES => self.settings.breaker.failures.to_string(),
            BREAKER_REST => format!("{:?}", self.settings.breaker.rest),
            AUDIO_LONGEST => format!("{:?}", self.settings.audio.longest),
            AUDIO_SILENCE if self.settings.audio.quietest.is_some() => "refused".to_owned(),
            AUDIO_SILENCE => "taken".to_owned(),
            SHUTDOWN_GRACE => format!("{:?}", limits.shutdown_grace),
            METRICS => self
                .metrics
                .map_or_else(|| "(nowhere)".to_owned(), |at| at.to_string()),
            standard => self.export.value(standard),
        }
    }
}

fn shown_networks(proxies: &TrustedProxies) -> String {
    let networks = proxies.0.iter().map(ToString::to_string);
    let shown = networks.collect::<Vec<_>>().join(", ");
    if shown.is_empty() {
        "none".to_owned()
    } else {
        shown
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

fn of_login(login: &Option<LoginSettings>, value: fn(&LoginSettings) -> String) -> String {
    login
        .as_ref()
        .map_or_else(|| "(none: nobody can log in)".to_owned(), value)
}

fn of_foreign(auth: &AuthSettings, value: fn(&ForeignIssuer) -> String) -> String {
    auth.foreign
        .as_ref()
        .map_or_else(|| "(none: only our own tokens)".to_owned(), value)
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

fn shown_rate(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "off".to_owned(), |rate| rate.to_string())
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

/// A duration such as `30s` or `1m30s`, longer than none.
fn duration(text: &str) -> Result<Duration, String> {
    let span: Result<jiff::SignedDuration, _> = text.parse();
    let duration = span.ok().and_then(|span| Duration::try_from(span).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "write a duration, such as 30s or 2m".to_owned())
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
