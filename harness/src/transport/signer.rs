//! What signs the tokens of a run: the secret that a service shares with us, or a pair of keys that this run made for
//! itself. A private key is in this value and nowhere else: it is written to no file, sent nowhere and cannot be printed.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::sign;
use serde_json::{Value, json};

use crate::model::issuer::Algorithm;
use crate::transport::secret::Secret;

/// Signs JSON Web Tokens (RFC 7515, RFC 7519).
pub struct Signer {
    key: Key,
    kid: Option<String>,
}

enum Key {
    Shared(EncodingKey),
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[signer: {}]", self.algorithm())
    }
}

impl Signer {
    /// One that signs with a secret that the service knows too (HS256).
    pub fn shared(secret: &Secret) -> Signer {
        Signer {
            key: Key::Shared(EncodingKey::from_secret(secret.expose().as_bytes())),
            kid: None,
        }
    }

    /// One with keys of its own, made here, under this `kid`. An RSA key takes about a tenth of a second to make.
    pub fn made(algorithm: Algorithm, kid: &str) -> Result<Signer, Unspecified> {
        let key = match algorithm {
            Algorithm::Rs256 => Key::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048)?)),
            Algorithm::Es256 => Key::Ec(Box::new(EcdsaKeyPair::generate(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
            )?)),
        };
        Ok(Signer {
            key,
            kid: Some(kid.to_owned()),
        })
    }

    /// These claims, signed under the key's own `kid`.
    pub(crate) fn token(&self, claims: &Value) -> Option<String> {
        self.token_as(self.kid.as_deref(), claims)
    }

    /// These claims, signed under another `kid` than the key's own.
    pub(crate) fn token_as(&self, kid: Option<&str>, claims: &Value) -> Option<String> {
        let mut header = json!({"alg": self.algorithm(), "typ": "JWT"});
        if let Some(kid) = kid {
            header["kid"] = json!(kid);
        }
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(claims));
        let signature = self.signature(message.as_bytes())?;
        Some(format!("{message}.{signature}"))
    }

    /// The half that is published, as a JSON Web Key (RFC 7517 §4, RFC 7518 §6). `None` for a secret, which has no such half.
    pub(crate) fn published(&self) -> Option<Value> {
        let number = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode(bytes));
        let mut key = match &self.key {
            Key::Shared(_) => return None,
            Key::Rsa(pair) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": number(&parts.n), "e": number(&parts.e)})
            }
            Key::Ec(pair) => {
                // An uncompressed point: 4, x, y (SEC 1 §2.3.3).
                let (x, y) = pair.public_key().as_ref().get(1..65)?.split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": number(x), "y": number(y)})
            }
        };
        key["use"] = json!("sig");
        key["alg"] = json!(self.algorithm());
        key["kid"] = json!(self.kid);
        Some(key)
    }

    fn algorithm(&self) -> &'static str {
        match self.key {
            Key::Shared(_) => "HS256",
            Key::Rsa(_) => Algorithm::Rs256.name(),
            Key::Ec(_) => Algorithm::Es256.name(),
        }
    }

    fn signature(&self, message: &[u8]) -> Option<String> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Shared(key) => sign(message, key, jsonwebtoken::Algorithm::HS256).ok(),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(URL_SAFE_NO_PAD.encode(signature))
            }
            Key::Ec(pair) => {
                let signature = pair.sign(&random, message).ok()?;
                Some(URL_SAFE_NO_PAD.encode(signature))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;

    /// Whether a verifier that knows only this published key believes the token.
    fn believed(token: &str, published: &Value, algorithm: jsonwebtoken::Algorithm) -> bool {
        let key: Jwk = serde_json::from_value(published.clone()).unwrap();
        let mut options = Validation::new(algorithm);
        options.required_spec_claims.clear();
        decode::<Value>(token, &DecodingKey::from_jwk(&key).unwrap(), &options).is_ok()
    }

    #[test]
    fn what_it_publishes_verifies_what_it_signs_and_nothing_else() {
        for (algorithm, known) in [
            (Algorithm::Rs256, jsonwebtoken::Algorithm::RS256),
            (Algorithm::Es256, jsonwebtoken::Algorithm::ES256),
        ] {
            let (own, foreign) = (
                Signer::made(algorithm, "one").unwrap(),
                Signer::made(algorithm, "one").unwrap(),
            );
            let published = own.published().unwrap();
            let claims = json!({"sub": "ana"});
            assert!(believed(&own.token(&claims).unwrap(), &published, known));
            assert!(!believed(&foreign.token(&claims).unwrap(), &published, known));
            assert_eq!(
                (&published["kid"], &published["use"]),
                (&json!("one"), &json!("sig"))
            );
            let public = ["kty", "n", "e", "crv", "x", "y", "use", "alg", "kid"];
            let members = published.as_object().unwrap();
            assert!(members.keys().all(|member| public.contains(&member.as_str())));
        }
    }

    #[test]
    fn it_cannot_be_printed_and_a_secret_is_never_published() {
        let shared = Signer::shared(&Secret::new("hunter2hunter2"));
        assert_eq!(format!("{shared:?}"), "[signer: HS256]");
        assert_eq!(shared.published(), None);
    }
}
