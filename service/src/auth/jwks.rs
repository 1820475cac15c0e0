//! The public keys that an issuer publishes (RFC 7517 §5), and which of them may verify which token.
//!
//! Pure. A symmetric key in a public set is nobody's secret, so it is passed over; so is every key of another use, curve or
//! algorithm than ours, and what is no key at all: an issuer may publish for others too.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The algorithms that a published key may verify.
pub const PUBLISHED: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::EdDSA,
];

/// The most keys of a set that are looked at.
const MOST_KEYS: usize = 100;

/// One key of a set.
#[derive(Clone)]
pub struct PublicKey {
    /// Its name, if it has one.
    id: Option<String>,
    /// What it may verify: the one algorithm that it names, or those of its type.
    algorithms: Vec<Algorithm>,
    /// The key.
    pub key: DecodingKey,
}

/// The keys of an issuer.
#[derive(Clone, Default)]
pub struct KeySet(Vec<PublicKey>);

/// Why a set has no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// None has this name; another fetch may bring it.
    Unknown,
    /// The key of this name is for other algorithms (RFC 8725 §3.1).
    OtherAlgorithm,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set, without what is of no use to us; none when it is no set.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let published: Published = serde_json::from_slice(text).ok()?;
        let keys = published.keys.into_iter().take(MOST_KEYS);
        Some(Self(keys.filter_map(public_key).collect()))
    }

    /// The key for a token that names this key and algorithm. A token that names none is verified by the only key that could.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&PublicKey, NoKey> {
        let fits = |key: &&PublicKey| key.algorithms.contains(&algorithm);
        let Some(id) = id else {
            let mut fitting = self.0.iter().filter(fits);
            let only = fitting.next().filter(|_| fitting.next().is_none());
            return only.ok_or(NoKey::Unknown);
        };
        let mut named = self
            .0
            .iter()
            .filter(|key| key.id.as_deref() == Some(id))
            .peekable();
        if named.peek().is_none() {
            return Err(NoKey::Unknown);
        }
        named.find(fits).ok_or(NoKey::OtherAlgorithm)
    }
}

fn public_key(published: Value) -> Option<PublicKey> {
    let jwk: Jwk = serde_json::from_value(published).ok()?;
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let of_type: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[Algorithm::RS256, Algorithm::PS256],
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => &[Algorithm::ES256],
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        _ => return None,
    };
    let algorithms: Vec<Algorithm> = match jwk.common.key_algorithm {
        None => of_type.to_vec(),
        Some(named) => {
            let named = Algorithm::try_from(named).ok()?;
            of_type.iter().copied().filter(|fits| *fits == named).collect()
        }
    };
    if algorithms.is_empty() {
        return None;
    }
    Some(PublicKey {
        key: DecodingKey::from_jwk(&jwk).ok()?,
        id: jwk.common.key_id,
        algorithms,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(keys: Value) -> KeySet {
        KeySet::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
    }

    fn rsa(id: &str) -> Value {
        json!({"kty": "RSA", "kid": id, "n": "sXch", "e": "AQAB"})
    }

    #[test]
    fn a_key_is_found_by_name_and_only_for_its_algorithms() {
        let ec = json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": "AA", "y": "AA"});
        let mut named = rsa("r");
        named["alg"] = json!("PS256");
        let set = set(json!([rsa("a"), ec, named]));
        for (id, algorithm, found) in [
            ("a", Algorithm::RS256, None),
            ("a", Algorithm::PS256, None),
            ("a", Algorithm::ES256, Some(NoKey::OtherAlgorithm)),
            ("a", Algorithm::HS256, Some(NoKey::OtherAlgorithm)),
            ("e", Algorithm::ES256, None),
            ("r", Algorithm::PS256, None),
            ("r", Algorithm::RS256, Some(NoKey::OtherAlgorithm)),
            ("x", Algorithm::RS256, Some(NoKey::Unknown)),
        ] {
            assert_eq!(set.find(Some(id), algorithm).err(), found, "{id} {algorithm:?}");
        }
    }

    #[test]
    fn a_token_that_names_no_key_is_verified_by_the_only_one_that_could() {
        let ec = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"});
        assert!(set(json!([rsa("a"), ec])).find(None, Algorithm::RS256).is_ok());
        let two = set(json!([rsa("a"), rsa("b")]));
        assert_eq!(two.find(None, Algorithm::RS256).err(), Some(NoKey::Unknown));
    }

    #[test]
    fn what_is_no_public_key_for_signatures_is_passed_over() {
        let mut encryption = rsa("enc");
        encryption["use"] = json!("enc");
        let mut odd = rsa("odd");
        odd["alg"] = json!("RSA-OAEP");
        let others = json!([
            {"kty": "oct", "kid": "oct", "k": "c2VjcmV0", "alg": "HS256"},
            {"kty": "EC", "kid": "p521", "crv": "P-521", "x": "AA", "y": "AA"},
            {"kty": "RSA", "kid": "damaged", "n": "*", "e": "AQAB"},
            encryption, odd, 7, "x", {}, null, rsa("good")
        ]);
        let set = set(others);
        assert_eq!(set.0.len(), 1);
        assert!(set.find(Some("good"), Algorithm::RS256).is_ok());
    }

    #[test]
    fn what_is_no_set_is_none() {
        for text in ["", "{}", "[]", r#"{"keys":{}}"#, "<html>"] {
            assert!(KeySet::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
