//! A gateway before the guarded service that believes in an issuer and its key set: what `--test-issuer` meets, without a
//! process to start. It exchanges a token that it believes for one of the service, and leaves every other as it is.

use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value, json};

use crate::lab::guarded::Guarded;
use crate::lab::subject::Subject;
use crate::model::issuer;
use crate::model::probe::SecretName;
use crate::target::credential::GOOD;
use crate::target::test_issuer::{AUDIENCE_ENV, ISSUER_ENV, JWKS_URL_ENV, TestIssuer};
use crate::transport::issuer::{IssuerError, minted};
use crate::transport::secret::Vault;

/// The issuer. Nobody asks it anything: the gateway has its keys.
const ISSUER: &str = "https://issuer.guarded.example";

/// For whom its tokens are.
const AUDIENCE: &str = "guarded";

/// How long its tokens must be good for, in milliseconds.
const RUN_MS: u64 = 300_000;

/// The gateway.
#[derive(Debug)]
pub(crate) struct Gate {
    quirk: Guarded,
    settings: TestIssuer,
    vault: Vault,
    keys: JwkSet,
}

impl Gate {
    /// The gateway of this quirk, when it has one.
    pub(crate) fn of(quirk: Guarded) -> Result<Option<Gate>, IssuerError> {
        if !matches!(
            quirk,
            Guarded::Issued | Guarded::UnknownKeyTrusted | Guarded::NameAlone
        ) {
            return Ok(None);
        }
        let settings = TestIssuer {
            issuer_env: ISSUER_ENV.to_owned(),
            audience_env: AUDIENCE_ENV.to_owned(),
            jwks_url_env: JWKS_URL_ENV.to_owned(),
            audience: AUDIENCE.to_owned(),
            algorithm: issuer::Algorithm::Es256,
            claims: Map::from_iter([("token_use".to_owned(), json!("access"))]),
        };
        let (vault, keys) = minted(&settings, ISSUER, &SecretName(GOOD.to_owned()), RUN_MS)?;
        let keys = serde_json::from_str(&keys).map_err(|_| IssuerError::Key)?;
        Ok(Some(Gate {
            quirk,
            settings,
            vault,
            keys,
        }))
    }

    /// Gives the subject the tokens of the issuer.
    pub(crate) fn join(&self, subject: &mut Subject) {
        subject.vault = self.vault.clone();
        if let Some(auth) = &mut subject.target.auth {
            auth.issuer = Some(self.settings.facts());
        }
    }

    /// Puts the service's own token in the place of one that is believed.
    pub(crate) fn pass(&self, headers: &mut HeaderMap, own: impl Fn() -> String) {
        let sent = headers.get(header::AUTHORIZATION);
        let sent = sent
            .and_then(|value| value.to_str().ok())
            .and_then(|sent| sent.split_once(' '));
        let Some((scheme, token)) = sent else { return };
        if !self.believes(token) {
            return;
        }
        if let Ok(value) = HeaderValue::from_str(&format!("{scheme} {}", own())) {
            headers.insert(header::AUTHORIZATION, value);
        }
    }

    fn believes(&self, token: &str) -> bool {
        let Ok(header) = decode_header(token) else {
            return false;
        };
        let known = header.kid.as_deref().and_then(|kid| self.keys.find(kid));
        let unverified = match self.quirk {
            Guarded::UnknownKeyTrusted => known.is_none(),
            Guarded::NameAlone => known.is_some(),
            _ => false,
        };
        // Either fault still wants the one algorithm, so that only a key can be wrong.
        let claims = if unverified && header.alg == Algorithm::ES256 {
            insecure_decode::<Value>(token).map(|read| read.claims).ok()
        } else {
            known.and_then(|key| verified(token, key))
        };
        claims.is_some_and(|claims| is_meant_for_us(&claims))
    }
}

/// The claims of a token that this key signed.
fn verified(token: &str, key: &Jwk) -> Option<Value> {
    let mut options = Validation::new(Algorithm::ES256);
    options.validate_aud = false;
    let decoded = decode::<Value>(token, &DecodingKey::from_jwk(key).ok()?, &options);
    decoded.ok().map(|decoded| decoded.claims)
}

/// Whether every claim is right (RFC 7519 §4.1).
fn is_meant_for_us(claims: &Value) -> bool {
    let now = Timestamp::now().as_second();
    let expires = claims["exp"].as_i64().is_some_and(|expires| expires > now);
    let begun = claims["nbf"].as_i64().is_none_or(|begins| begins <= now);
    let named = claims["iss"] == ISSUER && claims["aud"] == AUDIENCE;
    expires && begun && named && claims["token_use"] == "access"
}
