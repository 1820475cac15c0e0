//! Making JSON Web Tokens (RFC 7519) that must be refused: from a good one alone, with a key that the service publishes, or
//! with what signs them. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::model::mutation::Mutation;
use crate::transport::signer::Signer;

/// The key that [`Mutation::EmbeddedKey`] brings along: as public as a key can be.
const EMBEDDED: &[u8] = b"greenlight-brings-its-own-key-32";

/// A file that exists and is empty wherever there is a file system, seen from any directory that keys are kept in.
const EMPTY_FILE: &str = "../../../../../../../../dev/null";

/// Quotes of both kinds and nothing else: an error of syntax in every query language, a command in none.
const QUOTES: &str = "greenlight'\"";

/// How long after the run's beginning a token is valid that must not be accepted yet, in seconds: a day.
const LATER: i64 = 86_400;

/// How long before the run's beginning a token expired that must not be accepted any more, in seconds: an hour, which no
/// leeway for clocks excuses.
const AGO: i64 = 3_600;

/// The claims by which services tell an access token from a refresh token.
pub(crate) const KINDS: [&str; 2] = ["type", "token_use"];

/// A `kid` that is in nobody's key set.
const UNKNOWN_KID: &str = "greenlight-published-nowhere";

/// The prefixes of a SubjectPublicKeyInfo (RFC 5480 §2) for an uncompressed point of P-256.
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// `rsaEncryption` with its NULL parameter (RFC 8017 appendix C), as an AlgorithmIdentifier.
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// A token with this defect, made from a good one alone. `None` when the value is no JWT, or the defect takes more.
pub(crate) fn from_good(good: &str, mutation: Mutation) -> Option<String> {
    let payload = good.split('.').nth(1)?;
    let signature = good.split('.').nth(2)?;
    let unsigned = |alg: &str| {
        Some(format!(
            "{}.{payload}.",
            encoded(&json!({"alg": alg, "typ": "JWT"}))
        ))
    };
    match mutation {
        Mutation::AlgNone => unsigned("none"),
        Mutation::AlgNoneTitle => unsigned("None"),
        Mutation::AlgNoneUpper => unsigned("NONE"),
        Mutation::AlgNoneMixed => unsigned("nOnE"),
        Mutation::TamperedPayload => {
            let mut claims = claims(good)?;
            claims["greenlight"] = json!("this claim was never signed");
            let header = good.split('.').next()?;
            Some(format!("{header}.{}.{signature}", encoded(&claims)))
        }
        Mutation::EmbeddedKey => {
            let jwk = json!({"kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(EMBEDDED)});
            signed(
                &json!({"alg": "HS256", "typ": "JWT", "jwk": jwk}),
                payload,
                EMBEDDED,
            )
        }
        Mutation::KidPath => signed(
            &json!({"alg": "HS256", "typ": "JWT", "kid": EMPTY_FILE}),
            payload,
            b"",
        ),
        Mutation::KidQuote => signed(
            &json!({"alg": "HS256", "typ": "JWT", "kid": QUOTES}),
            payload,
            EMBEDDED,
        ),
        _ => None,
    }
}

/// The good claims, signed by HMAC with the text of the first public key of a key set.
pub(crate) fn with_public_key(good: &str, key_set: &str) -> Option<String> {
    let set: Value = serde_json::from_str(key_set).ok()?;
    let pem = set["keys"].as_array()?.iter().find_map(public_key)?;
    let payload = good.split('.').nth(1)?;
    signed(&json!({"alg": "HS256", "typ": "JWT"}), payload, pem.as_bytes())
}

/// The good claims with one of them wrong, signed as those are signed that the service accepts. `now` is the time of the
/// run, in seconds since 1970.
pub(crate) fn minted(good: &str, signer: &Signer, mutation: Mutation, now: i64) -> Option<String> {
    let mut claims = claims(good)?;
    let members = claims.as_object_mut()?;
    let kind = KINDS.into_iter().find(|name| members.contains_key(*name));
    let kind = kind.unwrap_or(KINDS[0]);
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    match mutation {
        Mutation::Reminted => {}
        Mutation::Expired => {
            set("iat", json!(now - 2 * AGO));
            set("exp", json!(now - AGO));
        }
        Mutation::NotYet => {
            set("nbf", json!(now + LATER));
            set("exp", json!(now + 2 * LATER));
        }
        Mutation::OtherAudience => {
            set("aud", json!("https://another-service.example"));
        }
        Mutation::OtherIssuer => {
            set("iss", json!("https://another-issuer.example"));
        }
        Mutation::Refresh => {
            set(kind, json!("refresh"));
        }
        Mutation::NoExpiry => {
            members.remove("exp");
        }
        Mutation::NoAudience => {
            members.remove("aud");
        }
        _ => return None,
    }
    signer.token(&claims)
}

/// The good claims as they are, signed with a key that is not the issuer's.
pub(crate) fn foreign(good: &str, signer: &Signer, mutation: Mutation) -> Option<String> {
    let claims = claims(good)?;
    match mutation {
        Mutation::ForeignKey => signer.token(&claims),
        Mutation::UnknownKey => signer.token_as(Some(UNKNOWN_KID), &claims),
        _ => None,
    }
}

fn claims(token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.is_object().then_some(claims)
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn signed(header: &Value, payload: &str, secret: &[u8]) -> Option<String> {
    let message = format!("{}.{payload}", encoded(header));
    let signature = sign(
        message.as_bytes(),
        &EncodingKey::from_secret(secret),
        Algorithm::HS256,
    );
    Some(format!("{message}.{}", signature.ok()?))
}

/// A key of a key set (RFC 7517, RFC 7518 §6) as PEM, the form in which services keep it in a file.
fn public_key(key: &Value) -> Option<String> {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    let der = match key["kty"].as_str()? {
        "RSA" => {
            let numbers = [integer(&number("n")?), integer(&number("e")?)].concat();
            let bits = [vec![0], tagged(0x30, &numbers)].concat();
            tagged(0x30, &[RSA.to_vec(), tagged(0x03, &bits)].concat())
        }
        "EC" if key["crv"] == "P-256" => [P256.to_vec(), number("x")?, number("y")?].concat(),
        _ => return None,
    };
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    Some(format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    ))
}

/// An unsigned INTEGER (X.690 §8.3): with a zero before it when its first bit would be read as a sign.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign = if bytes.first().is_some_and(|first| *first >= 0x80) {
        vec![0]
    } else {
        vec![]
    };
    tagged(0x02, &[sign, bytes.to_vec()].concat())
}

/// Tag, length and value (X.690 §8.1).
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut all = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => all.push(short),
        _ => {
            let bytes: Vec<u8> = length
                .to_be_bytes()
                .into_iter()
                .skip_while(|byte| *byte == 0)
                .collect();
            all.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
            all.extend(bytes);
        }
    }
    all.extend_from_slice(value);
    all
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;

    const SECRET: &str = "a secret of at least thirty-two bytes";

    fn shared() -> Signer {
        Signer::shared(&crate::transport::secret::Secret::new(SECRET))
    }

    fn good() -> String {
        let claims = json!({"sub": "ana", "iss": "me", "aud": "notes", "iat": 1_000, "exp": 2_000_000_000});
        signed(&json!({"alg": "HS256"}), &encoded(&claims), SECRET.as_bytes()).unwrap()
    }

    fn read(token: &str, secret: &[u8]) -> Option<Value> {
        let mut options = Validation::new(Algorithm::HS256);
        (options.validate_exp, options.validate_aud) = (false, false);
        options.required_spec_claims.clear();
        let decoded = decode::<Value>(token, &DecodingKey::from_secret(secret), &options);
        decoded.ok().map(|decoded| decoded.claims)
    }

    #[test]
    fn a_minted_token_is_signed_and_wrong_in_one_claim() {
        let mint = |mutation| {
            read(
                &minted(&good(), &shared(), mutation, 1_700_000_000).unwrap(),
                SECRET.as_bytes(),
            )
            .unwrap()
        };
        assert_eq!(mint(Mutation::Reminted), claims(&good()).unwrap());
        assert_eq!(mint(Mutation::Expired)["exp"], 1_700_000_000 - AGO);
        assert_eq!(mint(Mutation::NotYet)["nbf"], 1_700_000_000 + LATER);
        assert_eq!(mint(Mutation::NoExpiry).get("exp"), None);
        assert_eq!(mint(Mutation::NoAudience).get("aud"), None);
        assert_ne!(mint(Mutation::OtherAudience)["aud"], "notes");
        assert_ne!(mint(Mutation::OtherIssuer)["iss"], "me");
        assert_eq!(mint(Mutation::Refresh)["type"], "refresh");
        for mutation in Mutation::MINTED {
            assert!(minted(&good(), &shared(), *mutation, 0).is_some(), "{mutation:?}");
            assert!(minted("opaque", &shared(), *mutation, 0).is_none());
        }
    }

    #[test]
    fn a_refresh_token_is_one_by_the_claim_that_tells_kinds_apart() {
        let claims = json!({"sub": "ana", "token_use": "access"});
        let good = shared().token(&claims).unwrap();
        let refresh = super::claims(&minted(&good, &shared(), Mutation::Refresh, 0).unwrap()).unwrap();
        assert_eq!(refresh, json!({"sub": "ana", "token_use": "refresh"}));
    }

    #[test]
    fn a_foreign_key_signs_the_good_claims_under_a_kid_that_is_known_or_not() {
        let signer = Signer::made(crate::model::issuer::Algorithm::Es256, "one").unwrap();
        let kid = |mutation| {
            let token = foreign(&good(), &signer, mutation).unwrap();
            assert_eq!(claims(&token), claims(&good()));
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
        };
        assert_eq!(kid(Mutation::ForeignKey), "one");
        assert_eq!(kid(Mutation::UnknownKey), UNKNOWN_KID);
        assert!(foreign(&good(), &signer, Mutation::Expired).is_none());
    }

    #[test]
    fn a_forged_token_is_signed_with_what_it_says() {
        let forged = |mutation| from_good(&good(), mutation).unwrap();
        assert!(read(&forged(Mutation::EmbeddedKey), EMBEDDED).is_some());
        assert!(read(&forged(Mutation::KidPath), b"").is_some());
        assert!(read(&forged(Mutation::TamperedPayload), SECRET.as_bytes()).is_none());
        for (mutation, alg) in [
            (Mutation::AlgNone, "none"),
            (Mutation::AlgNoneTitle, "None"),
            (Mutation::AlgNoneUpper, "NONE"),
            (Mutation::AlgNoneMixed, "nOnE"),
        ] {
            let token = forged(mutation);
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            assert!(
                String::from_utf8(header).unwrap().contains(&format!("\"{alg}\"")) && token.ends_with('.')
            );
        }
    }

    #[test]
    fn the_text_of_a_published_key_is_that_of_its_file() {
        let set = orchestrate_key();
        let pem = public_key(&set["keys"][0]).unwrap();
        assert!(
            pem.contains("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3O4dRnzJ4d+1bwwW0nuj\n"),
            "{pem}"
        );
        assert!(pem.ends_with("NQIDAQAB\n-----END PUBLIC KEY-----\n"), "{pem}");
        let token = with_public_key(&good(), &set.to_string()).unwrap();
        assert!(read(&token, pem.as_bytes()).is_some());
        assert!(with_public_key(&good(), r#"{"keys":[{"kty":"oct"}]}"#).is_none());
    }

    fn orchestrate_key() -> Value {
        json!({"keys": [{"kty": "RSA", "e": "AQAB", "n": "3O4dRnzJ4d-1bwwW0nujTQYcqF8FoI3JiDdf77woBNg4AsqYTwiAT87aCSx863iQ-jDoy4qCGE0jjQVg8zksEknL2xJG-nuZDXjML-s_UaDoknRS8TRUBFkDPs1yYdQwQftUMBS8SPQJIZ9fvKhl7lCZZ0DPAqiNpN9-Qdir4JUXsQ5iAoqTuNZLmCMQQ7w6sSEOWKEFuDylD50e7LnZqrvqA70-8EhPyGxo5eqT79mTGV8PdEnVqK8fGWVrQ13-EtW8w6SwMidUrMttH8XPgQdF10_r4dX2-Ug9hVmELUAEyCotEgKRqchxcNGASDZyWYRgIR_rXuAR_7prFuOXNQ"}]})
    }
}
