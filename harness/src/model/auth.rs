//! How callers of a target prove who they are, and which credentials a run holds. Never a value.

use serde::{Deserialize, Serialize};

use crate::model::issuer::IssuerFacts;
use crate::model::probe::SecretName;
use crate::model::target::Call;

/// How a credential goes onto a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Scheme {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    Bearer,
    /// `Authorization: Basic …` (RFC 7617).
    Basic,
    /// A header of its own.
    ApiKey {
        /// The header's name, lower-case.
        header: String,
    },
}

/// A credential that the run holds. Its value is nowhere in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CredentialFacts {
    /// Its name.
    pub name: SecretName,
    /// Whether it is expected to be accepted, or known to have expired.
    pub expired: bool,
    /// Whether it has the shape of a JWT (RFC 7519), so that the JWT mutations apply.
    pub jwt: bool,
    /// Where it came from, for people: `environment variable GREENLIGHT_TOKEN`.
    pub from: String,
}

/// How callers prove who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Auth {
    /// How the credential is sent.
    pub scheme: Scheme,
    /// The credentials at hand. Empty when none was given.
    pub credentials: Vec<CredentialFacts>,
    /// What would supply a good one, for people: a flag or a variable.
    pub supply: String,
    /// What would supply an expired one.
    pub supply_expired: String,
    /// Where the secret came from with which tokens are signed (HS256), when it is at hand: then tokens are made that are
    /// wrong in one claim each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing: Option<String>,
    /// The refresh token, when one is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<CredentialFacts>,
    /// The issuer that this run is, when the service believes in it: then tokens are there as well that a key signed which
    /// is not its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerFacts>,
    /// The operation that ends the session of whoever calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout: Option<Call>,
    /// A login that must be refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// The operation that gives new tokens for a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// The refresh token of a session that may be thrown away, when one is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<CredentialFacts>,
}

/// An operation that gives new tokens for a refresh token (RFC 6749 §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Renewal {
    /// The operation.
    pub call: Call,
    /// How the refresh token goes into its body.
    pub form: TokenForm,
    /// JSON Pointer of the access token in the answer.
    pub access_at: String,
    /// JSON Pointer of the next refresh token in the answer, where each is good once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
}

/// How a refresh token goes into a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum TokenForm {
    /// As the one member of a JSON object.
    Json {
        /// Its name.
        member: String,
    },
    /// As RFC 6749 §6 has it: `grant_type=refresh_token&refresh_token=…`.
    OAuth,
}

/// The name of the credential of a second user, to whom nothing belongs that the first one has.
pub const OTHER: &str = "other";

/// The name of the credential of a user who may only read.
pub const READER: &str = "reader";

/// The name of the refresh token of a session that may be thrown away.
pub const SESSION: &str = "session";

/// The name of the credential that may be thrown away.
pub const SPARE: &str = "spare";

/// A login that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Login {
    /// The operation.
    pub call: Call,
    /// A made-up user and a wrong password, where the operation takes them.
    pub body: serde_json::Value,
}

impl Auth {
    /// The credential that is expected to be accepted.
    pub fn good(&self) -> Option<&CredentialFacts> {
        let mut credentials = self.credentials.iter();
        let apart = [OTHER, READER, SPARE];
        credentials.find(|credential| !credential.expired && !apart.contains(&credential.name.0.as_str()))
    }

    /// The credential of a second user.
    pub fn other(&self) -> Option<&CredentialFacts> {
        self.named(OTHER)
    }

    /// The credential of a user who may only read.
    pub fn reader(&self) -> Option<&CredentialFacts> {
        self.named(READER)
    }

    /// The credential that may be thrown away.
    pub fn spare(&self) -> Option<&CredentialFacts> {
        self.named(SPARE)
    }

    fn named(&self, name: &str) -> Option<&CredentialFacts> {
        let mut credentials = self.credentials.iter();
        credentials.find(|credential| credential.name.0 == name)
    }

    /// The credential that is known to have expired.
    pub fn expired(&self) -> Option<&CredentialFacts> {
        self.credentials.iter().find(|credential| credential.expired)
    }
}
