//! Logging in with an OpenID provider (OpenID Connect Core 1.0 §3.1): the authorization code flow with PKCE (RFC 7636).
//!
//! What must outlive a request, the `state`, the `nonce` and the verifier, is kept in the database under the hash of the state:
//! a restart or a second instance loses no login. No token is ever in an address: the page gets a code that is good once and for
//! a minute, and takes it for tokens by a POST. A page that sends a `code_challenge` of its own is the only one that can: so
//! nobody can hand it a login that it did not begin.
//!
//! Own code over jsonwebtoken and reqwest, not the `openidconnect` crate: that brings `rsa` and `p256`, a second crypto stack,
//! beside the keys that [`crate::auth`] knows how to fetch already. This room knows neither HTTP nor SQL; the provider is a trait.

use std::fmt;

use url::Url;

use crate::secret::Secret;

pub mod flow;
pub mod provider;

/// How to log in.
#[derive(Debug, Clone)]
pub struct LoginSettings {
    /// With whom.
    pub provider: ProviderAt,
    /// What the provider calls us.
    pub client_id: String,
    /// What we show it; none for a public client, which has PKCE alone.
    pub client_secret: Option<Secret>,
    /// Where the provider sends the browser back to: our own `…/auth/callback` as browsers reach it. Without one, which only
    /// development may do, it is where the login was begun.
    pub callback: Option<Url>,
    /// Where a login may end: whole addresses, compared byte for byte. The first is where it ends when nobody says.
    pub redirects: Vec<String>,
    /// Who may log in.
    pub admitted: Admitted,
}

/// With whom to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderAt {
    /// The provider for development, on loopback, which believes everybody.
    Embedded,
    /// A provider by its issuer, exactly as its tokens spell it.
    Issuer(String),
}

/// Who may log in: everybody whom the provider knows, or those whose verified address is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admitted(Vec<String>);

impl Admitted {
    /// Those with these addresses; `@example.org` stands for all of a domain, and `*` for everybody. Nobody when empty.
    #[must_use]
    pub fn of(entries: &[String]) -> Self {
        Self(entries.iter().map(|entry| entry.to_ascii_lowercase()).collect())
    }

    /// Everybody.
    #[must_use]
    pub fn everybody() -> Self {
        Self(vec!["*".to_owned()])
    }

    /// Whether it admits nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one with this verified address, or with none, is among them.
    #[must_use]
    pub fn has(&self, email: Option<&str>) -> bool {
        let email = email.map(str::to_ascii_lowercase);
        let domain = email
            .as_ref()
            .and_then(|email| email.rfind('@').map(|at| &email[at..]));
        self.0.iter().any(|entry| {
            entry == "*"
                || Some(&**entry) == email.as_deref()
                || (entry.starts_with('@') && Some(&**entry) == domain)
        })
    }
}

impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_are_admitted_who_are_listed_by_address_or_domain() {
        let admitted = Admitted::of(&["Ana@one.example".to_owned(), "@two.example".to_owned()]);
        for email in ["ana@one.example", "ANA@ONE.example", "bob@two.example"] {
            assert!(admitted.has(Some(email)), "{email}");
        }
        for email in [
            "bob@one.example",
            "bob@evil-two.example",
            "two.example",
            "a@b@two.example.evil",
            "",
        ] {
            assert!(!admitted.has(Some(email)), "{email}");
        }
        assert!(!admitted.has(None));
        assert!(!Admitted::default().has(Some("ana@one.example")));
        assert!(Admitted::everybody().has(None));
    }
}
