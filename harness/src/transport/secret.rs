//! Credential values. They live here, go onto the wire from here, and can be printed nowhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use http::HeaderValue;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::model::exchange::Claims;
use crate::model::mutation::Mutation;
use crate::model::probe::{SecretName, Who};
use crate::model::target::Scheme;
use crate::transport::signer::Signer;
use crate::transport::{forge, spoil};

/// A credential's value. It has no `Display`, its `Debug` says nothing, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the value, without surrounding white space, which files and commands leave behind.
    pub fn new(value: &str) -> Secret {
        Secret(Zeroizing::new(value.trim().to_owned()))
    }

    /// Takes the value to the last character: it came from an answer, and not from a file.
    pub(crate) fn exactly(value: &str) -> Secret {
        Secret(Zeroizing::new(value.to_owned()))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has the shape of a JWS in compact form: three dot-separated parts whose first is a JSON object (RFC 7515 §3.1).
    pub fn is_jwt(&self) -> bool {
        claims(&self.0).is_some()
    }

    /// Whether it can stand in a header value (RFC 9110 §5.5).
    pub fn fits_a_header(&self) -> bool {
        HeaderValue::from_str(&self.0).is_ok()
    }

    /// Whether it was copied with the scheme that stands in front of it in a header, such as `Bearer`.
    pub fn names_a_scheme(&self) -> bool {
        let scheme = self
            .0
            .split_once(' ')
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        scheme.is_some_and(|scheme| ["bearer", "basic", "token", "jwt"].contains(&scheme.as_str()))
    }

    /// The value, for the redactor of this room.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// The credentials of a run, by name.
#[derive(Debug, Clone)]
pub struct Vault {
    scheme: Scheme,
    values: BTreeMap<SecretName, Secret>,
    minted: BTreeMap<(SecretName, Mutation), Secret>,
    signing: Option<Secret>,
    /// What the run came to hold while it lasted. It is sent as it is, and never spoilt.
    learnt: Arc<Mutex<BTreeMap<SecretName, Secret>>>,
}

impl Default for Vault {
    fn default() -> Vault {
        Vault::empty()
    }
}

impl Vault {
    /// A vault without credentials.
    pub fn empty() -> Vault {
        Vault::new(Scheme::Bearer)
    }

    /// A vault whose credentials are sent in this way.
    pub fn new(scheme: Scheme) -> Vault {
        Vault {
            scheme,
            values: BTreeMap::new(),
            minted: BTreeMap::new(),
            signing: None,
            learnt: Arc::default(),
        }
    }

    /// Adds a credential.
    #[must_use]
    pub fn with(mut self, name: SecretName, secret: Secret) -> Vault {
        self.values.insert(name, secret);
        self
    }

    /// Adds a value that the run came to hold.
    pub(crate) fn learn(&self, name: SecretName, secret: Secret) {
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.insert(name, secret);
    }

    fn learnt(&self, name: &SecretName) -> Option<Secret> {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.get(name).cloned()
    }

    /// Makes every token that takes the signing secret, from the claims of this credential and the time of the run. They
    /// are made here and once, so that the redactor knows them: one without an expiry would be good for ever.
    #[must_use]
    pub fn signing(self, good: &SecretName, secret: Secret, now: Timestamp) -> Vault {
        let mut vault = self.signed_by(good, &Signer::shared(&secret), now);
        vault.signing = Some(secret);
        vault
    }

    /// The same with any signer, which is not kept.
    #[must_use]
    pub(crate) fn signed_by(mut self, good: &SecretName, signer: &Signer, now: Timestamp) -> Vault {
        for mutation in Mutation::MINTED {
            self.mint(good, *mutation, |value| {
                forge::minted(value, signer, *mutation, now.as_second())
            });
        }
        self
    }

    /// Makes every token that a key signs which is not the issuer's, and the one whose secret is what the issuer publishes.
    #[must_use]
    pub(crate) fn forged_by(mut self, good: &SecretName, foreign: &Signer, key_set: &str) -> Vault {
        for mutation in Mutation::FOREIGN {
            self.mint(good, *mutation, |value| forge::foreign(value, foreign, *mutation));
        }
        self.mint(good, Mutation::PublicKeyAsSecret, |value| {
            forge::with_public_key(value, key_set)
        });
        self
    }

    fn mint(&mut self, good: &SecretName, mutation: Mutation, made: impl Fn(&str) -> Option<String>) {
        let token = self.values.get(good).and_then(|value| made(value.expose()));
        let token = token.map(|token| ((good.clone(), mutation), Secret::new(&token)));
        self.minted.extend(token);
    }

    /// Whether the credential is here, with what it takes to spoil it so.
    pub fn holds(&self, who: &Who) -> bool {
        let minted = || self.minted.contains_key(&(who.secret.clone(), who.mutation));
        let kept = self.values.contains_key(&who.secret) && (!who.mutation.is_minted() || minted());
        kept || (who.mutation == Mutation::AsIs && self.learnt(&who.secret).is_some())
    }

    /// Every value, for the redactor: as it is, and each part of it that is a secret of its own.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let kept = self
            .values
            .values()
            .chain(self.minted.values())
            .chain(&self.signing);
        kept.flat_map(|secret| {
            let whole = secret.expose();
            let password = match self.scheme {
                Scheme::Basic => whole.split_once(':').map(|(_, password)| password),
                Scheme::Bearer | Scheme::ApiKey { .. } => None,
            };
            std::iter::once(whole).chain(password)
        })
    }

    /// The credential, spoilt as asked. `key_set` is what an earlier step served as its public keys.
    fn spoilt(&self, who: &Who, key_set: Option<&str>) -> Option<Zeroizing<String>> {
        let good = self.values.get(&who.secret)?.expose();
        if let Some(token) = self.minted.get(&(who.secret.clone(), who.mutation)) {
            return Some(Zeroizing::new(token.expose().to_owned()));
        }
        let spoilt = match who.mutation {
            Mutation::PublicKeyAsSecret => forge::with_public_key(good, key_set?)?,
            minted if minted.is_minted() => return None,
            other => spoil::spoil(good, other),
        };
        Some(Zeroizing::new(spoilt))
    }

    /// The credential alone, spoilt as asked, for a body that holds it.
    pub(crate) fn bare(&self, who: &Who) -> Option<String> {
        if who.mutation == Mutation::AsIs
            && let Some(learnt) = self.learnt(&who.secret)
        {
            return Some(learnt.expose().to_owned());
        }
        self.spoilt(who, None).map(|spoilt| spoilt.to_string())
    }

    /// The credential as a member of a URL's query, when it is to be sent there.
    pub(crate) fn query(&self, who: &Who) -> Option<String> {
        let member = who.mutation.query_member()?;
        let spoilt = self.spoilt(who, None)?;
        let encoded = percent_encoding::utf8_percent_encode(&spoilt, crate::transport::forms::UNRESERVED);
        Some(format!("{member}={encoded}"))
    }

    /// The header that carries this credential, spoilt as asked, and what a JWT in it says of itself. `key_set` is what an
    /// earlier step served as its public keys.
    pub(crate) fn header(
        &self,
        who: &Who,
        key_set: Option<&str>,
    ) -> Option<(String, HeaderValue, Option<Claims>)> {
        let spoilt = self.spoilt(who, key_set)?;
        let (name, text) = match &self.scheme {
            Scheme::ApiKey { header } => (header.clone(), spoilt.to_string()),
            Scheme::Bearer => (
                "authorization".to_owned(),
                format!("{} {}", spoil::scheme("Bearer", who.mutation), *spoilt),
            ),
            Scheme::Basic => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(spoilt.as_bytes());
                (
                    "authorization".to_owned(),
                    format!("{} {encoded}", spoil::scheme("Basic", who.mutation)),
                )
            }
        };
        let mut value = HeaderValue::from_str(Zeroizing::new(text).trim_end()).ok()?;
        value.set_sensitive(true);
        Some((name, value, claims(&spoilt)))
    }
}

/// What a JWT says of itself, unverified. `None` when the text is no JWT.
pub(crate) fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (header, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let decode = |part: &str| -> Option<serde_json::Value> {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(part)
            .ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let (header, payload) = (decode(header)?, decode(payload)?);
    header.as_object()?;
    let text = |value: &serde_json::Value| {
        value
            .as_str()
            .map(|text| text.chars().take(120).collect::<String>())
    };
    let audience = match &payload["aud"] {
        serde_json::Value::Array(several) => {
            Some(several.iter().filter_map(text).collect::<Vec<_>>().join(" "))
        }
        one => text(one),
    };
    Some(Claims {
        alg: text(&header["alg"]),
        issuer: text(&payload["iss"]),
        audience,
        expires: payload["exp"].as_i64(),
        issued: payload["iat"].as_i64(),
        kind: forge::KINDS
            .into_iter()
            .find_map(|name| text(&payload[name]))
            .or_else(|| text(&header["typ"])),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::probe::Mutation;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJtZSIsImV4cCI6MTIzfQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ";

    #[test]
    fn a_secret_cannot_be_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[secret]");
        let vault = Vault::empty().with(SecretName("main".into()), Secret::new("hunter2"));
        assert!(!format!("{vault:?}").contains("hunter2"));
    }

    #[test]
    fn a_jwt_tells_its_claims_and_never_itself() {
        let vault = Vault::empty().with(SecretName("main".into()), Secret::new(JWT));
        let who = Who {
            secret: SecretName("main".into()),
            mutation: Mutation::AsIs,
        };
        let (name, value, claims) = vault.header(&who, None).unwrap();
        assert_eq!((name.as_str(), value.is_sensitive()), ("authorization", true));
        assert_eq!(
            claims.unwrap(),
            Claims {
                alg: Some("HS256".into()),
                issuer: Some("me".into()),
                expires: Some(123),
                ..Claims::default()
            }
        );
    }

    #[test]
    fn an_unknown_credential_gives_no_header() {
        let who = Who {
            secret: SecretName("other".into()),
            mutation: Mutation::AsIs,
        };
        assert!(Vault::empty().header(&who, None).is_none());
    }
}
