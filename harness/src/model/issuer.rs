//! What a run says of the issuer that it is itself, when the service under test believes in one: facts, never keys.

use serde::{Deserialize, Serialize};

/// How an issuer signs (RFC 7518 §3.1): with a key of which it publishes one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Algorithm {
    /// RSA of 2048 bits, which every OpenID provider knows (OpenID Connect Core §15.1).
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256.
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// Its name in the header of a token.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
        }
    }
}

/// The issuer that this run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct IssuerFacts {
    /// How it signs.
    pub algorithm: Algorithm,
    /// The `aud` of its good tokens.
    pub audience: String,
}
