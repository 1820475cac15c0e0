//! Settings from environment variables, read through a function, so that a test needs no environment.

use std::path::PathBuf;

use crate::auth::AuthSettings;
use crate::config::{Environment, ProviderChoice, Settings, SettingsError};
use crate::domain::provider::ProviderKind;
use crate::providers::openai::settings::{OPENAI_BASE_URL, OpenAiSettings};
use crate::secret::Secret;
use crate::storage::sqlite::Location;

/// Reads the settings. `development` is `--dev`: without it a signing secret must be configured.
///
/// | variable | what it sets |
/// |---|---|
/// | `ORCHESTRATE_ENV` | `development` or `production` |
/// | `ORCHESTRATE_AUTH_SECRET`, `_AUTH_ISSUER`, `_AUTH_AUDIENCE` | which tokens are believed |
/// | `ORCHESTRATE_CORS_ORIGINS` | allowed origins, separated by commas |
/// | `ORCHESTRATE_DATABASE` | a path, a `sqlite:` URL, or `:memory:` |
/// | `ORCHESTRATE_BODY_LIMIT` | largest request body, in bytes |
/// | `OPENAI_API_KEY`, `OPENAI_BASE_URL` | the AI provider; without a key, the simulator |
///
/// # Errors
/// Names the variable that cannot be read, or what is missing.
pub fn read(variable: impl Fn(&str) -> Option<String>, development: bool) -> Result<Settings, SettingsError> {
    let get = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let mut settings = Settings::development();
    settings.environment = environment(get("ORCHESTRATE_ENV"), development)?;
    settings.auth = auth(&variable)
        .or_else(|| development.then(AuthSettings::development))
        .ok_or(SettingsError::SecretMissing)?;
    if let Some(origins) = get("ORCHESTRATE_CORS_ORIGINS") {
        settings.origins = list(&origins);
    } else if settings.environment == Environment::Production {
        // Nobody's pages, rather than everybody's local ones.
        settings.origins = Vec::new();
    }
    if let Some(database) = get("ORCHESTRATE_DATABASE") {
        settings.database = location(database)?;
    } else if !development {
        settings.database = Location::File(PathBuf::from("orchestrate.db"));
    }
    if let Some(limit) = get("ORCHESTRATE_BODY_LIMIT") {
        settings.limits.body_bytes = limit.parse().map_err(|_| SettingsError::Variable {
            name: "ORCHESTRATE_BODY_LIMIT",
            value: limit,
            why: "it must be a number of bytes".to_owned(),
        })?;
    }
    if let Some(key) = get("OPENAI_API_KEY") {
        let base_url = get("OPENAI_BASE_URL").unwrap_or_else(|| OPENAI_BASE_URL.to_owned());
        let openai = OpenAiSettings::new(ProviderKind::OpenAi, base_url, Secret::new(key));
        settings.provider = ProviderChoice::OpenAi(openai);
    }
    Ok(settings)
}

/// The token settings alone: none when no secret is configured.
pub fn auth(variable: &impl Fn(&str) -> Option<String>) -> Option<AuthSettings> {
    let get = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let mut auth = AuthSettings::with_secret(Secret::new(get("ORCHESTRATE_AUTH_SECRET")?));
    auth.issuer = get("ORCHESTRATE_AUTH_ISSUER").unwrap_or(auth.issuer);
    auth.audience = get("ORCHESTRATE_AUTH_AUDIENCE").unwrap_or(auth.audience);
    Some(auth)
}

/// The environment: as configured, else development with `--dev`, else production.
///
/// # Errors
/// When the word is another one.
pub fn environment(word: Option<String>, development: bool) -> Result<Environment, SettingsError> {
    match word.as_deref() {
        None if development => Ok(Environment::Development),
        None => Ok(Environment::Production),
        Some("development") => Ok(Environment::Development),
        Some("production") => Ok(Environment::Production),
        Some(other) => Err(SettingsError::Variable {
            name: "ORCHESTRATE_ENV",
            value: other.to_owned(),
            why: "it must be development or production".to_owned(),
        }),
    }
}

fn list(origins: &str) -> Vec<String> {
    origins
        .split(',')
        .map(|origin| origin.trim().to_owned())
        .filter(|origin| !origin.is_empty())
        .collect()
}

fn location(text: String) -> Result<Location, SettingsError> {
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .unwrap_or(&text);
    match path {
        ":memory:" => Ok(Location::Memory),
        path if path.contains("://") => {
            let scheme = path.split("://").next().unwrap_or_default();
            Err(SettingsError::Variable {
                name: "ORCHESTRATE_DATABASE",
                // Not the value itself: an address of a database holds a password.
                value: format!("{scheme}://…"),
                why: "only SQLite is supported: give a path or sqlite://PATH".to_owned(),
            })
        }
        path => Ok(Location::File(PathBuf::from(path))),
    }
}
