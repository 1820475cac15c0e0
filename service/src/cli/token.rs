//! `orchestrate token`: a token from the same configuration as the service's. Only the token goes to stdout.

use std::io::Write;
use std::time::Duration;

use clap::Args;

use crate::auth::AuthSettings;
use crate::auth::mint::{TokenRequest, mint};
use crate::cli::config::Source;
use crate::cli::{CommandError, say};
use crate::config::read::Typed;
use crate::config::{Environment, Mistakes, SettingsError};

/// Which token is wanted.
#[derive(Debug, Args)]
pub struct Token {
    /// Who calls (the `sub` claim)
    #[arg(long, default_value = "developer@orchestrate.example")]
    subject: String,
    /// For how long it is good, such as 60m
    #[arg(long, default_value = "60m", value_parser = duration)]
    ttl: Duration,
    /// Make one that expired an hour ago
    #[arg(long)]
    expired: bool,
    /// Make a refresh token, which the API refuses
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    source: Source,
}

impl Token {
    /// Prints the token.
    ///
    /// # Errors
    /// When production has no secret configured.
    pub fn run(self) -> Result<(), CommandError> {
        let settings = self.settings()?;
        let mut request = TokenRequest {
            ttl: self.ttl,
            ..TokenRequest::access(self.subject)
        };
        if self.expired {
            request = request.expired();
        }
        if self.refresh {
            request = request.refresh();
        }
        writeln!(std::io::stdout(), "{}", mint(&settings, &request)?)?;
        Ok(())
    }

    fn settings(&self) -> Result<AuthSettings, CommandError> {
        // For development, so that a secret may be absent.
        let typed = Typed {
            dev: true,
            ..Typed::default()
        };
        let settings = self.source.read(typed)?.legible()?.settings;
        if !settings.auth.is_development() && !self.source.dev {
            return Ok(settings.auth);
        }
        if settings.environment == Environment::Production {
            return Err(Mistakes::from(SettingsError::SecretMissing).into());
        }
        if !self.source.dev {
            say("no ORCHESTRATE_AUTH_SECRET: signed with the public development secret of `serve --dev`");
        }
        Ok(AuthSettings {
            secret: AuthSettings::development().secret,
            ..settings.auth
        })
    }
}

/// Reads a duration such as `90s`, `60m` or `1h30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text
        .parse()
        .map_err(|_| "write a duration such as 90s or 60m".to_owned())?;
    Duration::try_from(span)
        .map_err(|_| "a token cannot be good for less than no time: see --expired".to_owned())
}
