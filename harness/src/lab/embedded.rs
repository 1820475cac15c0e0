//! The reference service in this process, on a port of its own, and the credentials that it accepts.

use orchestrate::app::{Running, StartError};
use orchestrate::auth::AuthSettings;
use orchestrate::auth::mint::{MintError, TokenRequest, mint};
use orchestrate::config::Settings;

use crate::model::probe::SecretName;
use crate::model::target::{CredentialFacts, Scheme, Target};
use crate::target::credential::{EXPIRED, GOOD};
use crate::transport::secret::{Secret, Vault};

/// Why there is no embedded service.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No token could be made for it.
    #[error(transparent)]
    Mint(#[from] MintError),
}

/// A reference service that runs in this process.
pub struct Embedded {
    running: Running,
    good: Secret,
    expired: Secret,
}

impl Embedded {
    /// A healthy one.
    pub async fn healthy() -> Result<Embedded, EmbeddedError> {
        Embedded::start(Settings::development()).await
    }

    /// One with these settings.
    pub async fn start(settings: Settings) -> Result<Embedded, EmbeddedError> {
        let auth: AuthSettings = settings.auth.clone();
        let good = Secret::new(&mint(&auth, &TokenRequest::access("greenlight"))?);
        let expired = Secret::new(&mint(&auth, &TokenRequest::access("greenlight").expired())?);
        let running = Running::start(settings).await?;
        Ok(Embedded {
            running,
            good,
            expired,
        })
    }

    /// Points a target at it, and returns the vault with its credentials.
    pub fn join(&self, target: &mut Target) -> Vault {
        target.base = self.running.base_url();
        let mut vault = Vault::new(Scheme::Bearer);
        for (name, secret, expired) in [(GOOD, &self.good, false), (EXPIRED, &self.expired, true)] {
            let name = SecretName(name.to_owned());
            vault = vault.with(name.clone(), secret.clone());
            if let Some(auth) = &mut target.auth {
                let from = "minted for the embedded service".to_owned();
                auth.credentials.push(CredentialFacts {
                    name,
                    expired,
                    jwt: true,
                    from,
                });
            }
        }
        vault
    }

    /// Stops it.
    pub async fn stop(self) {
        let _ = self.running.shutdown().await;
    }
}
