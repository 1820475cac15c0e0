//! The three steps of a login: to the provider, back from it, and the code for the tokens.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::auth::caller::{Scopes, subject_of};
use crate::auth::key::{NoRandomness, fingerprint, random, sha256};
use crate::auth::session::{SessionBook, SessionError, Tokens};
use crate::domain::data::once::Once;
use crate::domain::store::StoreError;
use crate::login::provider::{Grant, Identity, IdentityProvider, ProviderTrouble};
use crate::login::{LoginSettings, ProviderAt};

/// How long somebody may take at the provider.
const AT_PROVIDER: Duration = Duration::from_secs(600);

/// How long a page may take to fetch its tokens.
const HANDOVER: Duration = Duration::from_secs(60);

/// The kinds of what is kept once.
const STATE: &str = "login";
const CODE: &str = "handover";

/// The longest state, code or error that is looked at, in bytes.
const MAX_WORD: usize = 4096;

/// Why a login does not go on.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// It may not end there.
    #[error(
        "a login may not end there: the address is not among those that are configured (login.redirects)"
    )]
    Redirect,
    /// The page's challenge is none.
    #[error("code_challenge must be a SHA-256 in base64url without padding: 43 characters (RFC 7636 §4.2)")]
    Challenge,
    /// Nobody began it, or too long ago, or it came back before.
    #[error(
        "no login is waiting for this answer: it was answered before, or begun more than ten minutes ago. Begin again"
    )]
    State,
    /// The code for the tokens is none, too old, was used before, or is not this page's.
    #[error(
        "the code is not good: it was used before, is older than a minute, or another page began this login"
    )]
    Code,
    /// The provider is of no help.
    #[error(transparent)]
    Provider(#[from] ProviderTrouble),
    /// The database is of no help.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No session could be begun.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// There is nothing to make a secret of.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// What a page asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start<'s> {
    /// Where the login ends; the first configured address when it does not say.
    pub redirect: Option<&'s str>,
    /// The SHA-256 of what the page will show for its tokens (RFC 7636 §4.2).
    pub challenge: Option<&'s str>,
}

/// What a provider answers, through the browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer<'a> {
    /// The state that we gave.
    pub state: Option<&'a str>,
    /// The code, when it went well.
    pub code: Option<&'a str>,
    /// What went wrong, when it did not (RFC 6749 §4.1.2.1).
    pub error: Option<&'a str>,
    /// The issuer, when it says so (RFC 9207).
    pub issuer: Option<&'a str>,
}

/// What is kept while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct Pending {
    redirect: String,
    callback: String,
    nonce: String,
    verifier: String,
    challenge: Option<String>,
}

/// What is kept until the page fetches its tokens. The session begins only then, so that no token is ever kept.
#[derive(Serialize, Deserialize)]
struct Handover {
    subject: String,
    challenge: Option<String>,
}

/// Logs people in.
pub struct Login {
    settings: LoginSettings,
    provider: Arc<dyn IdentityProvider>,
    once: Arc<dyn Once>,
    sessions: Arc<SessionBook>,
}

impl Login {
    /// Logins with this provider, whose sessions are begun in this book.
    #[must_use]
    pub fn new(
        settings: LoginSettings,
        provider: Arc<dyn IdentityProvider>,
        once: Arc<dyn Once>,
        sessions: Arc<SessionBook>,
    ) -> Self {
        Self {
            settings,
            provider,
            once,
            sessions,
        }
    }

    /// Begins a login: the address to send the browser to. `here` is our callback as this browser reached us, for when none is
    /// configured.
    ///
    /// # Errors
    /// When it may not end where the page wants, or the provider or the database is of no help.
    pub async fn start(&self, start: Start<'_>, here: Option<Url>) -> Result<Url, LoginError> {
        let redirect = match start.redirect {
            Some(wanted) => self.allowed(wanted)?,
            None => self.settings.redirects.first().ok_or(LoginError::Redirect)?,
        };
        if start.challenge.is_some_and(|challenge| !is_challenge(challenge)) {
            return Err(LoginError::Challenge);
        }
        let callback = self
            .settings
            .callback
            .clone()
            .or(here)
            .ok_or(LoginError::Redirect)?;
        let door = self.provider.door().await?;
        let (state, nonce, verifier) = (random::<32>()?, random::<32>()?, random::<32>()?);
        let pending = Pending {
            redirect: redirect.to_owned(),
            callback: callback.into(),
            nonce,
            verifier,
            challenge: start.challenge.map(str::to_owned),
        };
        self.keep(STATE, &state, &pending, AT_PROVIDER).await?;
        let mut address = door.address;
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &pending.callback)
            .append_pair("scope", "openid email")
            .append_pair("state", &state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &challenge_of(&pending.verifier))
            .append_pair("code_challenge_method", "S256");
        Ok(address)
    }

    /// Takes the provider's answer: the address to send the browser to, with a code for the tokens or with what went wrong.
    ///
    /// # Errors
    /// When no login waits for it, so that nobody knows where it should end, or the database is of no help.
    pub async fn back(&self, answer: Answer<'_>) -> Result<Url, LoginError> {
        let state = answer.state.ok_or(LoginError::State)?;
        let pending: Pending = self.take(STATE, state).await?.ok_or(LoginError::State)?;
        // Whoever took the address off the list meant those who are on their way too.
        let redirect = self.allowed(&pending.redirect)?;
        let mut target = Url::parse(redirect).map_err(|_| LoginError::Redirect)?;
        match self.identify(&pending, answer).await {
            Ok(identity) => {
                let code = random::<32>()?;
                let handover = Handover {
                    subject: self.subject(identity),
                    challenge: pending.challenge,
                };
                self.keep(CODE, &code, &handover, HANDOVER).await?;
                target.query_pairs_mut().append_pair("code", &code);
            }
            Err(word) => {
                tracing::info!(error = word, "a login came to nothing");
                target.query_pairs_mut().append_pair("error", word);
            }
        }
        Ok(target)
    }

    /// Takes the code of [`Login::back`] for the tokens of a new session. Good once, whether it goes well or not.
    ///
    /// # Errors
    /// When the code is not good, or no session can be begun.
    pub async fn redeem(&self, code: &str, verifier: Option<&str>) -> Result<Tokens, LoginError> {
        let handover: Handover = self.take(CODE, code).await?.ok_or(LoginError::Code)?;
        if handover.challenge.as_deref() != verifier.map(challenge_of).as_deref() {
            return Err(LoginError::Code);
        }
        Ok(self.sessions.begin(&handover.subject, Scopes::usual()).await?)
    }

    /// Who logged in, or the error that the page is told (RFC 6749 §4.1.2.1).
    async fn identify(&self, pending: &Pending, answer: Answer<'_>) -> Result<Identity, &'static str> {
        if let Some(error) = answer.error {
            return Err(known(error));
        }
        let code = answer
            .code
            .filter(|code| code.len() <= MAX_WORD)
            .ok_or("server_error")?;
        let grant = Grant {
            code,
            verifier: &pending.verifier,
            callback: &pending.callback,
            nonce: &pending.nonce,
        };
        let identity = async {
            if let Some(issuer) = answer.issuer
                && issuer != self.provider.door().await?.issuer
            {
                return Err(ProviderTrouble::Odd("the answer is another issuer's"));
            }
            self.provider.exchange(grant).await
        };
        let identity = identity.await.map_err(|trouble| {
            tracing::warn!(?trouble, "the login provider gave nobody");
            match trouble {
                ProviderTrouble::Away | ProviderTrouble::Slow => "temporarily_unavailable",
                ProviderTrouble::Odd(_) | ProviderTrouble::Refused => "server_error",
            }
        })?;
        if self.settings.admitted.has(identity.email.as_deref()) {
            Ok(identity)
        } else {
            Err("access_denied")
        }
    }

    /// Under which name it is kept what belongs to whom. The embedded provider is another one at every start, and its people stay.
    fn subject(&self, identity: Identity) -> String {
        match &self.settings.provider {
            ProviderAt::Issuer(issuer) => subject_of(issuer, &identity.subject),
            ProviderAt::Embedded => identity.subject,
        }
    }

    /// The configured address that this is, byte for byte.
    fn allowed(&self, wanted: &str) -> Result<&str, LoginError> {
        let mut all = self.settings.redirects.iter();
        all.find(|allowed| *allowed == wanted)
            .map(String::as_str)
            .ok_or(LoginError::Redirect)
    }

    async fn keep<T: Serialize>(
        &self,
        kind: &str,
        key: &str,
        value: &T,
        ttl: Duration,
    ) -> Result<(), LoginError> {
        let now = Timestamp::now();
        let value = serde_json::to_string(value).map_err(|_| StoreError::Failed)?;
        let expires = now.checked_add(ttl).unwrap_or(Timestamp::MAX);
        Ok(self
            .once
            .put(kind, &fingerprint(key), &value, now, expires)
            .await?)
    }

    async fn take<T: for<'de> Deserialize<'de>>(
        &self,
        kind: &str,
        key: &str,
    ) -> Result<Option<T>, LoginError> {
        if key.len() > MAX_WORD {
            return Ok(None);
        }
        let value = self.once.take(kind, &fingerprint(key), Timestamp::now()).await?;
        Ok(value.and_then(|value| serde_json::from_str(&value).ok()))
    }
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|hash| hash.len() == 32)
}

/// An error of the provider's as we pass it on: one of the standard's, so that nobody can put words into our address.
fn known(error: &str) -> &'static str {
    let known = [
        "access_denied",
        "temporarily_unavailable",
        "login_required",
        "consent_required",
        "interaction_required",
        "account_selection_required",
    ];
    known
        .into_iter()
        .find(|known| *known == error)
        .unwrap_or("server_error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            challenge_of(verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert!(is_challenge(&challenge_of("x")) && !is_challenge("x") && !is_challenge(""));
    }

    #[test]
    fn an_error_is_passed_on_in_the_words_of_the_standard_only() {
        assert_eq!(known("access_denied"), "access_denied");
        for odd in ["", "Access_Denied", "pay+me", "<script>"] {
            assert_eq!(known(odd), "server_error");
        }
    }
}
