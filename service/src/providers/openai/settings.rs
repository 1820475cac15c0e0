//! What the client of the OpenAI API needs to know, and what is wrong with it before anything is sent.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::domain::provider::ProviderKind;
use crate::providers::openai::retry::RetryPolicy;
use crate::secret::Secret;

/// Where OpenAI's own API is.
pub const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";

/// How to reach and use a provider. Its `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct OpenAiSettings {
    /// What to call it in [`ProviderFacts`](crate::domain::provider::ProviderFacts).
    pub kind: ProviderKind,
    /// The base URL with the version segment, as the OpenAI SDKs take it: `https://api.openai.com/v1`.
    pub base_url: String,
    /// The key that is sent as a bearer token.
    pub api_key: Secret,
    /// The model that transcribes.
    pub transcription_model: String,
    /// The model that finds concepts; it must know structured outputs.
    pub concept_model: String,
    /// For connecting, TLS included.
    pub connect_deadline: Duration,
    /// For one attempt of a paid call, from the first byte sent to the last one read.
    pub total_deadline: Duration,
    /// For a whole [`check`](crate::domain::provider::Provider::check).
    pub check_deadline: Duration,
    /// When a call is made again.
    pub retry: RetryPolicy,
}

/// Why a client cannot be made of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an absolute http or https URL with a host.
    #[error("the provider's base URL must be an http or https URL, such as {OPENAI_BASE_URL}")]
    BaseUrl,
    /// The URL carries a user, a query or a fragment.
    #[error(
        "the provider's base URL must hold no user, password, query or fragment; the key goes in OPENAI_API_KEY"
    )]
    BaseUrlExtras,
    /// The key is empty or cannot be a header.
    #[error("OPENAI_API_KEY is empty or holds a space, a line break or another character that no key has")]
    ApiKey,
    /// TLS could not be set up.
    #[error("the TLS client could not be set up; are the system's root certificates installed?")]
    Tls,
}

impl OpenAiSettings {
    /// Settings with the usual models, retries and deadlines: 5 s to connect, 30 s for a paid call, 2 s for a
    /// check.
    #[must_use]
    pub fn new(kind: ProviderKind, base_url: impl Into<String>, api_key: Secret) -> Self {
        Self {
            kind,
            base_url: base_url.into(),
            api_key,
            transcription_model: "whisper-1".to_owned(),
            concept_model: "gpt-4o-mini".to_owned(),
            connect_deadline: Duration::from_secs(5),
            total_deadline: Duration::from_secs(30),
            check_deadline: Duration::from_secs(2),
            retry: RetryPolicy::default(),
        }
    }

    /// The parsed base URL and its host.
    pub(crate) fn checked_base(&self) -> Result<(Url, String), SettingsError> {
        checked_base(&self.base_url)
    }

    pub(crate) fn check_key(&self) -> Result<(), SettingsError> {
        let key = self.api_key.expose();
        let sendable = HeaderValue::from_str(key).is_ok() && !key.contains(char::is_whitespace);
        if key.is_empty() || !sendable {
            Err(SettingsError::ApiKey)
        } else {
            Ok(())
        }
    }
}

/// A base URL, parsed, and its host.
pub(crate) fn checked_base(base: &str) -> Result<(Url, String), SettingsError> {
    let url = Url::parse(base).map_err(|_| SettingsError::BaseUrl)?;
    let host = url.host_str().ok_or(SettingsError::BaseUrl)?.to_owned();
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(SettingsError::BaseUrlExtras);
    }
    // Plain http too: compatible servers are often neighbours on a private network.
    if matches!(url.scheme(), "https" | "http") {
        Ok((url, host))
    } else {
        Err(SettingsError::BaseUrl)
    }
}

/// Whether a URL names this machine's loopback, by address or as `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(base_url: &str, key: &str) -> Result<(), SettingsError> {
        let settings = OpenAiSettings::new(ProviderKind::OpenAi, base_url, Secret::new(key));
        settings.check_key().and(settings.checked_base().map(|_| ()))
    }

    #[test]
    fn takes_http_and_https_and_knows_loopback() {
        for (base, loopback) in [
            (OPENAI_BASE_URL, false),
            ("http://models.example:11434/v1", false),
            ("http://localhost.evil.example/v1", false),
            ("http://127.0.0.1:9/v1", true),
            ("http://localhost:9/v1/", true),
            ("http://[::1]:9", true),
        ] {
            assert_eq!(made(base, "sk-1"), Ok(()), "{base}");
            assert_eq!(is_loopback(&Url::parse(base).unwrap()), loopback, "{base}");
        }
    }

    #[test]
    fn refuses_a_base_url_that_is_none_or_says_too_much() {
        for base in ["", "api.openai.com/v1", "ftp://api.example", "/v1", "https://"] {
            assert_eq!(made(base, "sk-1"), Err(SettingsError::BaseUrl), "{base}");
        }
        for base in [
            "https://user:pass@api.example/v1",
            "https://api.example/v1?key=1",
            "https://api.example/#v1",
        ] {
            assert_eq!(made(base, "sk-1"), Err(SettingsError::BaseUrlExtras), "{base}");
        }
    }

    #[test]
    fn refuses_a_key_that_no_header_can_carry() {
        for key in ["", "sk-1\n", " sk-1", "sk 1", "sk-\u{1f511}\r\nX: y"] {
            assert_eq!(made(OPENAI_BASE_URL, key), Err(SettingsError::ApiKey), "{key:?}");
        }
    }

    #[test]
    fn shows_no_key_in_debug() {
        let settings = OpenAiSettings::new(
            ProviderKind::OpenAi,
            OPENAI_BASE_URL,
            Secret::new("sk-very-secret"),
        );
        assert!(!format!("{settings:?}").contains("sk-very-secret"));
    }
}
