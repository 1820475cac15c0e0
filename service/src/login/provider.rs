//! What a login needs of an OpenID provider.

use futures_util::future::BoxFuture;
use url::Url;

/// A code to be exchanged, with what proves that it was us who asked for it.
#[derive(Clone, Copy)]
pub struct Grant<'g> {
    /// The code.
    pub code: &'g str,
    /// What the challenge was made of (RFC 7636 §4.1).
    pub verifier: &'g str,
    /// Where the code was sent.
    pub callback: &'g str,
    /// What the ID token must repeat (OpenID Connect Core 1.0 §3.1.3.7).
    pub nonce: &'g str,
}

/// Who logged in, as an ID token says that was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who, for ever and within the provider: the `sub`.
    pub subject: String,
    /// Their address, when the provider says that it is theirs.
    pub email: Option<String>,
}

/// Why a provider is of no help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderTrouble {
    /// It cannot be reached.
    #[error("the login provider cannot be reached")]
    Away,
    /// It does not answer in time.
    #[error("the login provider does not answer in time")]
    Slow,
    /// What it says cannot be used; the word is for the log.
    #[error("the login provider gave no usable answer")]
    Odd(&'static str),
    /// It does not take the code.
    #[error("the login provider does not take the code")]
    Refused,
}

/// An OpenID provider.
pub trait IdentityProvider: Send + Sync {
    /// The issuer, and where it asks people who they are.
    ///
    /// # Errors
    /// When that cannot be found out now.
    fn door(&self) -> BoxFuture<'_, Result<Door, ProviderTrouble>>;

    /// Exchanges a code for who logged in. The ID token is believed only when the provider signed it, for us, in answer to this
    /// login, and it is good now.
    ///
    /// # Errors
    /// When the code is not taken, or the ID token is not believed.
    fn exchange<'a>(&'a self, grant: Grant<'a>) -> BoxFuture<'a, Result<Identity, ProviderTrouble>>;
}

/// Where a provider asks people who they are.
#[derive(Debug, Clone)]
pub struct Door {
    /// The issuer, as its answers may name it (RFC 9207).
    pub issuer: String,
    /// The authorization endpoint.
    pub address: Url,
}
