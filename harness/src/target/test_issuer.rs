//! `--test-issuer`: the run is the issuer that the service believes. Here is what the service is told of it and what its
//! tokens say; keys and tokens are made elsewhere.

use serde_json::{Map, Value};

use crate::model::issuer::{Algorithm, IssuerFacts};
use crate::target::fault::Fault;
use crate::target::profile;
use crate::target::settings::Overrides;
use crate::target::site::Place;

/// The variable of the child that holds the issuer, unless the profile names another.
pub const ISSUER_ENV: &str = "OIDC_ISSUER";

/// The variable of the child that holds the audience, unless the profile names another.
pub const AUDIENCE_ENV: &str = "OIDC_AUDIENCE";

/// The variable of the child that holds the address of the key set, unless the profile names another.
pub const JWKS_URL_ENV: &str = "OIDC_JWKS_URL";

/// The audience of good tokens, unless the profile has one.
const AUDIENCE: &str = "greenlight-test";

/// Claims that the issuer sets itself, since checks depend on them (RFC 7519 §4.1).
pub const RESERVED: [&str; 5] = ["iss", "aud", "iat", "nbf", "exp"];

/// What the service is told, and what good tokens say.
#[derive(Debug, Clone, PartialEq)]
pub struct TestIssuer {
    /// The child's variable for the issuer (`iss`).
    pub issuer_env: String,
    /// The child's variable for the audience (`aud`).
    pub audience_env: String,
    /// The child's variable for the address of the key set.
    pub jwks_url_env: String,
    /// The audience of good tokens.
    pub audience: String,
    /// How tokens are signed.
    pub algorithm: Algorithm,
    /// Claims of good tokens besides those that every one has.
    pub claims: Map<String, Value>,
}

impl TestIssuer {
    /// What a recording says of it.
    pub fn facts(&self) -> IssuerFacts {
        IssuerFacts {
            algorithm: self.algorithm,
            audience: self.audience.clone(),
        }
    }

    /// What it is, for people.
    pub fn told(&self) -> String {
        format!(
            "the test issuer of this run ({}, audience {}), told in ${}, ${} and ${}",
            self.algorithm.name(),
            self.audience,
            self.issuer_env,
            self.audience_env,
            self.jwks_url_env
        )
    }
}

/// The issuer that the run is to be, when it was asked for. Only a service that we start can be told of it.
pub fn resolve(
    auth: Option<&profile::Auth>,
    flags: &Overrides,
    place: &Place,
) -> Result<Option<TestIssuer>, Fault> {
    if !flags.test_issuer {
        return Ok(None);
    }
    if !matches!(place, Place::Spawn { .. }) {
        return Err(Fault::new(
            "--test-issuer is given, and the service is not started by this run",
            "a service that runs already believes in an issuer of its own, and cannot be told of another",
            "add --spawn CMD, or supply a token with --token-env VAR",
        ));
    }
    if let Some(auth) = auth
        && !matches!(auth.kind, profile::AuthKind::Bearer | profile::AuthKind::Command)
    {
        return Err(Fault::new(
            "--test-issuer cannot supply this profile's credentials",
            "an issuer signs bearer tokens, and [auth] is of another kind",
            "set `kind = \"bearer\"` under [auth], or leave the flag out",
        ));
    }
    let written = auth.and_then(|auth| auth.test_issuer.as_ref());
    let named = |key: fn(&profile::TestIssuer) -> &Option<crate::target::words::Variable>, usual: &str| {
        let own = written.and_then(|written| key(written).as_ref());
        own.map_or(usual.to_owned(), |variable| variable.0.clone())
    };
    let audience = written.and_then(|written| written.audience.clone());
    let claims = written.and_then(|written| written.claims.as_ref()?.as_object().cloned());
    Ok(Some(TestIssuer {
        issuer_env: named(|written| &written.issuer_env, ISSUER_ENV),
        audience_env: named(|written| &written.audience_env, AUDIENCE_ENV),
        jwks_url_env: named(|written| &written.jwks_url_env, JWKS_URL_ENV),
        audience: audience
            .or_else(|| auth.and_then(|auth| auth.audience.clone()))
            .unwrap_or_else(|| AUDIENCE.to_owned()),
        algorithm: written.and_then(|written| written.algorithm).unwrap_or_default(),
        claims: claims.unwrap_or_default(),
    }))
}
