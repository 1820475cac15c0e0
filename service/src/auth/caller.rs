//! Who calls, and what they may do.

use std::fmt;
use std::str::FromStr;

/// Who calls, once a credential was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// On whose behalf: the `sub` of a token of ours, or the subject of the key; [`subject_of`] what another issuer vouches for.
    pub subject: String,
    /// Which credential it was.
    pub credential: CredentialId,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The session that the token belongs to, if any.
    pub session: Option<String>,
}

impl Caller {
    /// A caller with a token that says no more than whose it is.
    #[must_use]
    pub fn named(subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self {
            credential: CredentialId::of_subject(&subject),
            subject,
            scopes: Scopes::usual(),
            session: None,
        }
    }
}

/// Who somebody is whom another issuer vouches for: a `sub` is unique within its issuer alone (OpenID Connect Core 1.0 §2), and
/// what is ana's here is not what is another's ana. An issuer's URL has no fragment, so no two pairs make one name.
#[must_use]
pub fn subject_of(issuer: &str, sub: &str) -> String {
    format!("{issuer}#{sub}")
}

/// A name of a credential that tells it from all others and gives nothing of it away. All tokens of one subject share one: a
/// token lives for minutes, and a request that is sent again may carry the next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CredentialId(String);

impl CredentialId {
    /// The one of a subject's tokens.
    #[must_use]
    pub fn of_subject(subject: &str) -> Self {
        Self(format!("sub:{subject}"))
    }

    /// The one of an API key, by our id of it.
    #[must_use]
    pub fn of_key(id: &str) -> Self {
        Self(format!("key:{id}"))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of credential it is.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        if self.0.starts_with("key:") {
            CredentialKind::ApiKey
        } else {
            CredentialKind::Token
        }
    }
}

/// The kinds of credentials that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A bearer token.
    Token,
    /// An API key.
    ApiKey,
}

impl CredentialKind {
    /// As answers spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::ApiKey => "api_key",
        }
    }
}

/// One thing that a credential may be used for (RFC 6749 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Have words and recordings worked on, which costs money.
    Orchestrate,
    /// Read kept runs.
    CurationsRead,
    /// Delete kept runs.
    CurationsWrite,
    /// Read what was used.
    UsageRead,
    /// Change the categories that everybody's concepts have.
    CategoriesWrite,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Orchestrate,
        Self::CurationsRead,
        Self::CurationsWrite,
        Self::UsageRead,
        Self::CategoriesWrite,
    ];

    /// As tokens spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Orchestrate => "orchestrate",
            Self::CurationsRead => "curations:read",
            Self::CurationsWrite => "curations:write",
            Self::UsageRead => "usage:read",
            Self::CategoriesWrite => "categories:write",
        }
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|scope| scope.name() == name).ok_or(())
    }
}

/// What a credential may be used for, each once and in one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// What a credential has that says nothing of scopes: its own affairs, and not what everybody shares.
    #[must_use]
    pub fn usual() -> Self {
        Self::of(
            Scope::ALL
                .into_iter()
                .filter(|scope| *scope != Scope::CategoriesWrite),
        )
    }

    /// These.
    #[must_use]
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    /// Reads a `scope` claim (RFC 8693 §4.2): names with spaces between. One that is not ours gives nothing.
    #[must_use]
    pub fn parse(claim: &str) -> Self {
        Self::of(claim.split(' ').filter_map(|name| name.parse().ok()))
    }

    /// Those whose names are among these. One that is not ours gives nothing.
    #[must_use]
    pub fn named<S: AsRef<str>>(names: &[S]) -> Self {
        Self::of(names.iter().filter_map(|name| name.as_ref().parse().ok()))
    }

    /// Whether this is among them.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|scope| scope.name())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_name_by_name_and_gives_nothing_that_it_does_not_name() {
        let read = Scopes::parse("usage:read openid orchestrate usage:read");
        assert_eq!(read.to_string(), "orchestrate usage:read");
        assert_eq!(Scopes::parse(""), Scopes::default());
        assert!(!Scopes::parse("ORCHESTRATE curations").has(Scope::Orchestrate));
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(scope));
        }
    }

    #[test]
    fn what_everybody_shares_is_changed_by_nobody_who_was_not_told_to() {
        assert!(!Scopes::usual().has(Scope::CategoriesWrite));
        assert!(Scopes::usual().has(Scope::Orchestrate));
    }
}
