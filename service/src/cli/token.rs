//! `orchestrate token`: a token from the same configuration as the service's. Only the token goes to stdout, or the tokens of a
//! session as JSON.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use poem_openapi::types::ToJSON;

use crate::auth::AuthSettings;
use crate::auth::caller::{Scope, Scopes};
use crate::auth::mint::{TokenRequest, mint};
use crate::auth::session::SessionBook;
use crate::cli::config::Source;
use crate::cli::{CommandError, duration, kept, say, scope};
use crate::config::read::Typed;
use crate::config::{Environment, Mistakes, SettingsError};
use crate::http::tokens::TokensBody;

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
    /// What it may be used for (repeatable); all but `categories:write` when none is named
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    scopes: Vec<Scope>,
    /// Begin a session in the service's database, and print its tokens as JSON
    #[arg(long, conflicts_with_all = ["ttl", "expired", "refresh"])]
    session: bool,
    #[command(flatten)]
    source: Source,
}

impl Token {
    /// Prints the token.
    ///
    /// # Errors
    /// When production has no secret configured, or a session cannot be begun.
    pub fn run(self) -> Result<(), CommandError> {
        if self.session {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            return runtime.block_on(self.begin());
        }
        let settings = self.settings()?;
        let mut request = TokenRequest {
            ttl: self.ttl,
            scopes: (!self.scopes.is_empty()).then(|| Scopes::of(self.scopes.iter().copied())),
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

    async fn begin(self) -> Result<(), CommandError> {
        let (settings, data) = kept(&self.source).await?;
        let scopes = if self.scopes.is_empty() {
            Scopes::usual()
        } else {
            Scopes::of(self.scopes)
        };
        let book = SessionBook::new(&settings.auth, data);
        let tokens = book.begin(&self.subject, scopes).await?;
        writeln!(std::io::stdout(), "{}", TokensBody::from(tokens).to_json_string())?;
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
