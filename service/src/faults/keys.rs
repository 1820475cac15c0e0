//! With which key a token is verified: with none, with one that the token chose, or with half of one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use crate::auth::AuthSettings;
use crate::auth::caller::Caller;
use crate::auth::gate::Refusal;
use crate::faults::auth::somebody_if;

/// The fixed key of a service that knows no tokens. Public, as all of this is.
pub const FIXED_KEY: &str = "Fixed-Key-Of-The-Fault-Lab-7Qz2Lw9Xc4Vb";

/// The public half of a key pair whose private half nobody kept, as the service has it in a file.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3O4dRnzJ4d+1bwwW0nuj
TQYcqF8FoI3JiDdf77woBNg4AsqYTwiAT87aCSx863iQ+jDoy4qCGE0jjQVg8zks
EknL2xJG+nuZDXjML+s/UaDoknRS8TRUBFkDPs1yYdQwQftUMBS8SPQJIZ9fvKhl
7lCZZ0DPAqiNpN9+Qdir4JUXsQ5iAoqTuNZLmCMQQ7w6sSEOWKEFuDylD50e7LnZ
qrvqA70+8EhPyGxo5eqT79mTGV8PdEnVqK8fGWVrQ13+EtW8w6SwMidUrMttH8XP
gQdF10/r4dX2+Ug9hVmELUAEyCotEgKRqchxcNGASDZyWYRgIR/rXuAR/7prFuOX
NQIDAQAB
-----END PUBLIC KEY-----
";

/// The same key's modulus, as a key set publishes it (RFC 7518 §6.3.1.1).
const MODULUS: &str = "3O4dRnzJ4d-1bwwW0nujTQYcqF8FoI3JiDdf77woBNg4AsqYTwiAT87aCSx863iQ-jDoy4qCGE0jjQVg8zks\
    EknL2xJG-nuZDXjML-s_UaDoknRS8TRUBFkDPs1yYdQwQftUMBS8SPQJIZ9fvKhl7lCZZ0DPAqiNpN9-Qdir4JUXsQ5iAoqTuNZLmCMQQ7w6\
    sSEOWKEFuDylD50e7LnZqrvqA70-8EhPyGxo5eqT79mTGV8PdEnVqK8fGWVrQ13-EtW8w6SwMidUrMttH8XPgQdF10_r4dX2-Ug9hVmELUAE\
    yCotEgKRqchxcNGASDZyWYRgIR_rXuAR_7prFuOXNQ";

/// The key set that is published (RFC 7517 §5).
#[must_use]
pub fn published() -> Value {
    json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "lab", "n": MODULUS, "e": "AQAB"}]})
}

/// Decodes where it should verify.
pub fn unverified(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let claims = part(token, 1);
    let whole = claims["sub"].is_string() && claims["type"] == "access";
    let alive = claims["exp"]
        .as_i64()
        .is_some_and(|expires| expires > jiff::Timestamp::now().as_second());
    somebody_if(whole && alive, refusal)
}

/// Takes the token's word that it is not signed.
pub fn unsigned(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    somebody_if(part(token, 0)["alg"] == "none", refusal)
}

/// Refuses one spelling of an algorithm instead of naming those that are accepted.
pub fn unsigned_in_another_case(
    _: &AuthSettings,
    token: Option<&str>,
    refusal: Refusal,
) -> Result<Caller, Refusal> {
    let header = part(token, 0);
    let algorithm = header["alg"].as_str().unwrap_or_default();
    somebody_if(
        algorithm != "none" && algorithm.eq_ignore_ascii_case("none"),
        refusal,
    )
}

/// One key for every algorithm: the text of the public one is the secret when the token says HS256.
pub fn public_key_as_secret(
    _: &AuthSettings,
    token: Option<&str>,
    refusal: Refusal,
) -> Result<Caller, Refusal> {
    somebody_if(is_signed_with(token, PUBLIC_KEY.as_bytes()), refusal)
}

/// Reads the key from the file that `kid` names. Only the one file that is empty everywhere is really looked up.
pub fn kid_is_a_path(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let header = part(token, 0);
    let kid = header["kid"].as_str().unwrap_or_default();
    let empty = kid.trim_start_matches("../") == "dev/null" && kid.starts_with("../../");
    somebody_if(empty && is_signed_with(token, b""), refusal)
}

/// Puts `kid` into a query between quotes.
pub fn kid_crashes(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let header = part(token, 0);
    if header["kid"].as_str().is_some_and(|kid| kid.contains('\'')) {
        std::panic::resume_unwind(Box::new("near \"'\": syntax error"));
    }
    Err(refusal)
}

/// Believes the key that the token's own header holds (CVE-2018-0114).
pub fn embedded_key(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let header = part(token, 0);
    let key = header["jwk"]["k"]
        .as_str()
        .and_then(|key| URL_SAFE_NO_PAD.decode(key).ok());
    let believed = key.is_some_and(|key| !key.is_empty() && is_signed_with(token, &key));
    somebody_if(believed, refusal)
}

/// Compares as much of the key as came, and its letters without regard to case.
pub fn compared_loosely(_: &AuthSettings, token: Option<&str>, refusal: Refusal) -> Result<Caller, Refusal> {
    let token = token.unwrap_or_default().to_ascii_lowercase();
    let key = FIXED_KEY.to_ascii_lowercase();
    let begins = key.starts_with(&token) || token.starts_with(&key);
    somebody_if(!token.is_empty() && begins, refusal)
}

fn is_signed_with(token: Option<&str>, secret: &[u8]) -> bool {
    let mut options = Validation::new(Algorithm::HS256);
    options.validate_aud = false;
    decode::<Value>(
        token.unwrap_or_default(),
        &DecodingKey::from_secret(secret),
        &options,
    )
    .is_ok()
}

/// The header (0) or the payload (1) of a token, unverified; null when it has none.
fn part(token: Option<&str>, index: usize) -> Value {
    let text = token.unwrap_or_default().split('.').nth(index);
    let bytes = URL_SAFE_NO_PAD
        .decode(text.unwrap_or_default())
        .unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
