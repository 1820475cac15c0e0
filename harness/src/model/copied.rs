//! A call that a browser copied as a command: what it is to a browser, and what it does not hold.

use serde::{Deserialize, Serialize};

use crate::model::probe::Effect;

/// The schema of its JSON.
pub const SCHEMA: &str = "greenlight.copied-call/1";

/// What a copied call is to a browser. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedCall {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Method and path.
    pub call: String,
    /// Scheme, host and port.
    pub host: String,
    /// The page that made it, when it says.
    pub origin: Option<String>,
    /// Whether it goes to another origin than the page's; not known without the page.
    pub cross_origin: Option<bool>,
    /// Why a browser asks for leave first, when it does and the call is cross-origin: the method, and each header.
    pub preflight: Vec<String>,
    /// What `Access-Control-Request-Headers` of that preflight names.
    pub asked_headers: Vec<String>,
    /// The credentials that it carries, by the headers that they stand in.
    pub credentials: Vec<String>,
    /// Whether cookies go along, so that the answer must allow that.
    pub include: bool,
    /// What it does when it is accepted, as far as the method tells.
    pub effect: Effect,
    /// Bytes of its body.
    pub body: Option<u64>,
    /// What a copied call does not hold.
    pub absent: Vec<String>,
    /// The command that sends it.
    pub live: String,
}
