//! Settings as people read them: every one of them, and no secret.

use crate::auth::{AuthSettings, ForeignIssuer};
use crate::config::keys::{
    ACCESS_TTL, API_KEY, AUDIENCE, AUDIO_LONGEST, AUDIO_SILENCE, BASE_URL, BODY_BYTES, BODY_DEADLINE,
    BREAKER_FAILURES, BREAKER_REST, CONCEPT_MODEL, CONCURRENCY, CONNECTIONS, DATABASE, ENVIRONMENT, HOST,
    ISSUER, JWKS_AUDIENCE, JWKS_ISSUER, JWKS_URL, LOG, LOGIN_ADMITTED, LOGIN_CALLBACK, LOGIN_CLIENT,
    LOGIN_ISSUER, LOGIN_REDIRECTS, LOGIN_SECRET, METRICS, ORIGINS, PORT, PROVIDER_DEADLINE,
    RATE_PER_CREDENTIAL, RATE_PER_PEER, SECRET, SESSION_TTL, SHUTDOWN_GRACE, TRANSCRIPTION_MODEL,
    TRUSTED_PROXIES, WORK_DEADLINE,
};
use crate::config::read::Configuration;
use crate::config::sources::{Key, Place};
use crate::config::{ProviderChoice, Settings};
use crate::http::rate::Rate;
use crate::login::{LoginSettings, ProviderAt};
use crate::providers::openai::settings::OpenAiSettings;

impl Configuration {
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
        let settings = &self.settings;
        self.of_process(key)
            .or_else(|| of_auth(settings, key))
            .or_else(|| of_login(settings, key))
            .or_else(|| of_provider(settings, key))
            .or_else(|| of_limits(settings, key))
            .unwrap_or_default()
    }

    fn of_process(&self, key: Key) -> Option<String> {
        let settings = &self.settings;
        Some(match key {
            ENVIRONMENT => format!("{:?}", settings.environment).to_lowercase(),
            HOST => self.address.ip().to_string(),
            PORT => self.address.port().to_string(),
            LOG => format!("{:?}", self.log).to_lowercase(),
            ORIGINS if settings.origins.is_empty() => "(none: no page may read an answer)".to_owned(),
            ORIGINS => settings.origins.join(", "),
            DATABASE => settings.database.place.to_string(),
            CONNECTIONS => settings.database.connections().to_string(),
            METRICS => self
                .metrics
                .map_or_else(|| "(nowhere)".to_owned(), |at| at.to_string()),
            standard => {
                let shown = self.export.shown.iter().find(|(key, _)| *key == standard);
                return shown.map(|(_, value)| value.clone());
            }
        })
    }
}

fn of_auth(settings: &Settings, key: Key) -> Option<String> {
    let auth = &settings.auth;
    Some(match key {
        SECRET if auth.is_development() => "(the public one of development)".to_owned(),
        SECRET => format!("({} bytes)", auth.secret.len()),
        ISSUER => auth.issuer.clone(),
        AUDIENCE => auth.audience.clone(),
        JWKS_URL => foreign(auth, |foreign| foreign.jwks_url.to_string()),
        JWKS_ISSUER => foreign(auth, |foreign| foreign.issuer.clone()),
        JWKS_AUDIENCE => foreign(auth, |foreign| foreign.audience.clone()),
        ACCESS_TTL => format!("{:?}", auth.access_ttl),
        SESSION_TTL => format!("{:?}", auth.session_ttl),
        _ => return None,
    })
}

fn foreign(auth: &AuthSettings, value: fn(&ForeignIssuer) -> String) -> String {
    let none = || "(none: only our own tokens)".to_owned();
    auth.foreign.as_ref().map_or_else(none, value)
}

fn of_login(settings: &Settings, key: Key) -> Option<String> {
    let login = |value: fn(&LoginSettings) -> String| {
        let none = || "(none: nobody can log in)".to_owned();
        settings.login.as_ref().map_or_else(none, value)
    };
    Some(match key {
        LOGIN_ISSUER => login(|login| match &login.provider {
            ProviderAt::Embedded => "(the embedded one of development)".to_owned(),
            ProviderAt::Issuer(issuer) => issuer.clone(),
        }),
        LOGIN_CLIENT => login(|login| login.client_id.clone()),
        LOGIN_SECRET => login(|login| match &login.client_secret {
            None => "(none: PKCE alone)".to_owned(),
            Some(secret) => format!("({} bytes)", secret.len()),
        }),
        LOGIN_CALLBACK => login(|login| match &login.callback {
            None => "(where a login is begun)".to_owned(),
            Some(callback) => callback.to_string(),
        }),
        LOGIN_REDIRECTS => login(|login| login.redirects.join(", ")),
        LOGIN_ADMITTED => login(|login| login.admitted.to_string()),
        _ => return None,
    })
}

fn of_provider(settings: &Settings, key: Key) -> Option<String> {
    let openai = |value: fn(&OpenAiSettings) -> String| match &settings.provider {
        ProviderChoice::OpenAi(openai) => value(openai),
        ProviderChoice::Simulator(_) => "(the simulator's)".to_owned(),
    };
    Some(match key {
        API_KEY => match &settings.provider {
            ProviderChoice::OpenAi(openai) => format!("({} bytes)", openai.api_key.len()),
            ProviderChoice::Simulator(_) => "(none: the simulator answers)".to_owned(),
        },
        BASE_URL => openai(|openai| openai.base_url.clone()),
        TRANSCRIPTION_MODEL => openai(|openai| openai.transcription_model.clone()),
        CONCEPT_MODEL => openai(|openai| openai.concept_model.clone()),
        PROVIDER_DEADLINE => openai(|openai| format!("{:?}", openai.total_deadline)),
        BREAKER_FAILURES => settings.breaker.failures.to_string(),
        BREAKER_REST => format!("{:?}", settings.breaker.rest),
        _ => return None,
    })
}

fn of_limits(settings: &Settings, key: Key) -> Option<String> {
    let limits = &settings.limits;
    Some(match key {
        BODY_BYTES => limits.body_bytes.to_string(),
        BODY_DEADLINE => format!("{:?}", limits.body_deadline),
        WORK_DEADLINE => format!("{:?}", limits.work_deadline),
        CONCURRENCY => limits.concurrency.to_string(),
        RATE_PER_CREDENTIAL => rate(limits.rate_per_credential),
        RATE_PER_PEER => rate(limits.rate_per_peer),
        TRUSTED_PROXIES if limits.trusted_proxies.0.is_empty() => "(none)".to_owned(),
        TRUSTED_PROXIES => {
            let networks = limits.trusted_proxies.0.iter().map(ToString::to_string);
            networks.collect::<Vec<_>>().join(", ")
        }
        SHUTDOWN_GRACE => format!("{:?}", limits.shutdown_grace),
        AUDIO_LONGEST => format!("{:?}", settings.audio.longest),
        AUDIO_SILENCE if settings.audio.quietest.is_some() => "refused".to_owned(),
        AUDIO_SILENCE => "taken".to_owned(),
        _ => return None,
    })
}

fn rate(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "off".to_owned(), |rate| rate.to_string())
}
