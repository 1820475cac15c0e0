//! The reference service in this process, on a port of its own, and the credentials that it accepts.

use jiff::Timestamp;
use orchestrate::app::{Running, StartError};
use orchestrate::auth::AuthSettings;
use orchestrate::auth::caller::Scopes;
use orchestrate::auth::mint::{MintError, TokenRequest, mint};
use orchestrate::auth::session::SessionError;
use orchestrate::config::Settings;

use crate::model::probe::SecretName;
use crate::model::target::{CredentialFacts, OTHER, SESSION, SPARE, Scheme, Target};
use crate::target::credential::{EXPIRED, GOOD, REFRESH};
use crate::transport::secret::{Secret, Vault};

/// Where its credentials come from.
const FROM: &str = "minted for the embedded service";

/// Why there is no embedded service.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No token could be made for it.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// It began no session.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// A reference service that runs in this process.
pub struct Embedded {
    running: Running,
    good: Secret,
    expired: Secret,
    refresh: Secret,
    /// Of a second user, who owns nothing of the first.
    other: Secret,
    /// An access token whose session may be ended.
    spare: Secret,
    /// The refresh token of another session that may be ended.
    session: Secret,
    signing: Secret,
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
        let refresh = Secret::new(&mint(&auth, &TokenRequest::access("greenlight").refresh())?);
        let other = Secret::new(&mint(&auth, &TokenRequest::access("somebody-else"))?);
        let running = Running::start(settings).await?;
        let begin = || running.sessions().begin("greenlight", Scopes::usual());
        let (spare, session) = (begin().await?, begin().await?);
        Ok(Embedded {
            other,
            spare: Secret::new(spare.access.expose()),
            session: Secret::new(session.refresh.expose()),
            running,
            good,
            expired,
            refresh,
            signing: Secret::new(auth.secret.expose()),
        })
    }

    /// Begins sessions for another run: those of a run before it have ended.
    ///
    /// # Errors
    /// When the service's store does not take them.
    pub async fn another_run(&mut self) -> Result<(), EmbeddedError> {
        let begin = || self.running.sessions().begin("greenlight", Scopes::usual());
        let (spare, session) = (begin().await?, begin().await?);
        self.spare = Secret::new(spare.access.expose());
        self.session = Secret::new(session.refresh.expose());
        Ok(())
    }

    /// Points a target at it, and returns the vault with its credentials.
    pub fn join(&self, target: &mut Target) -> Vault {
        target.base = self.running.base_url();
        let facts = |name: &str, expired| CredentialFacts {
            name: SecretName(name.to_owned()),
            expired,
            jwt: true,
            from: FROM.to_owned(),
        };
        let (good, expired, refresh) = (facts(GOOD, false), facts(EXPIRED, true), facts(REFRESH, false));
        let (other, spare, session) = (facts(OTHER, false), facts(SPARE, false), facts(SESSION, false));
        let vault = Vault::new(Scheme::Bearer)
            .with(good.name.clone(), self.good.clone())
            .with(expired.name.clone(), self.expired.clone())
            .with(refresh.name.clone(), self.refresh.clone())
            .with(other.name.clone(), self.other.clone())
            .with(spare.name.clone(), self.spare.clone())
            .with(session.name.clone(), self.session.clone())
            .signing(&good.name, self.signing.clone(), Timestamp::now());
        if let Some(auth) = &mut target.auth {
            auth.credentials.extend([good, expired, other, spare]);
            auth.refresh = Some(refresh);
            auth.session = Some(session);
            auth.signing = Some(FROM.to_owned());
        }
        vault
    }

    /// Stops it.
    pub async fn stop(self) {
        let _ = self.running.shutdown().await;
    }
}
